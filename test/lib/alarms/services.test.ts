// What is watched on containers, functions and load balancers. Each line is one alarm as CloudFormation gets it.
import { expect, test } from '@jest/globals'
import { linesFor } from './made.ts'

test.each<[string, Parameters<typeof linesFor>[0], string[]]>([
  [
    'an ECS service',
    { ecs: { cluster: 'main', service: 'api', containerInsights: true } },
    [
      'ecs:main:api/cpu-percent: Average of AWS/ECS CPUUtilization {ClusterName: main, ServiceName: api} > 80, 5 of 5 × 60 s, missing',
      'ecs:main:api/memory-used-percent: Maximum of AWS/ECS MemoryUtilization {ClusterName: main, ServiceName: api} > 80, 4 of 5 × 60 s, missing',
      'ecs:main:api/availability-tasks-count: SampleCount of AWS/ECS CPUUtilization {ClusterName: main, ServiceName: api} < 1, 3 of 3 × 60 s, breaching',
      'ecs:main:api/disk-used-percent: 100 * part / whole where part = Maximum of ECS/ContainerInsights EphemeralStorageUtilized {ClusterName: main, ServiceName: api}, whole = Maximum of ECS/ContainerInsights EphemeralStorageReserved {ClusterName: main, ServiceName: api}, > 85, 3 of 5 × 60 s, missing',
    ],
  ],
  [
    'an ECS service without Container Insights',
    { ecs: { cluster: 'main', service: 'api' } },
    [
      'ecs:main:api/cpu-percent: Average of AWS/ECS CPUUtilization {ClusterName: main, ServiceName: api} > 80, 5 of 5 × 60 s, missing',
      'ecs:main:api/memory-used-percent: Maximum of AWS/ECS MemoryUtilization {ClusterName: main, ServiceName: api} > 80, 4 of 5 × 60 s, missing',
      'ecs:main:api/availability-tasks-count: SampleCount of AWS/ECS CPUUtilization {ClusterName: main, ServiceName: api} < 1, 3 of 3 × 60 s, breaching',
    ],
  ],
  [
    'a load balancer',
    { alb: { loadBalancer: 'app/studio/50dc6c495c0c9188' } },
    [
      'alb:app|studio|50dc6c495c0c9188/errors-percent: IF((FILL(calls, 0) + FILL(failed2, 0)) >= 20, 100 * (FILL(failed1, 0) + FILL(failed2, 0)) / (FILL(calls, 0) + FILL(failed2, 0)), 0) where failed1 = Sum of AWS/ApplicationELB HTTPCode_Target_5XX_Count {LoadBalancer: app/studio/50dc6c495c0c9188}, failed2 = Sum of AWS/ApplicationELB HTTPCode_ELB_5XX_Count {LoadBalancer: app/studio/50dc6c495c0c9188}, calls = Sum of AWS/ApplicationELB RequestCount {LoadBalancer: app/studio/50dc6c495c0c9188}, > 5, 3 of 5 × 60 s, notBreaching',
      'alb:app|studio|50dc6c495c0c9188/latency-p99-seconds: p99 of AWS/ApplicationELB TargetResponseTime {LoadBalancer: app/studio/50dc6c495c0c9188} > 2, 3 of 5 × 60 s, notBreaching',
      'alb:app|studio|50dc6c495c0c9188/saturation-rejected-count: Sum of AWS/ApplicationELB RejectedConnectionCount {LoadBalancer: app/studio/50dc6c495c0c9188} > 0, 2 of 5 × 60 s, notBreaching',
    ],
  ],
  [
    'a target group',
    { alb: { loadBalancer: 'app/studio/50dc6c495c0c9188', targetGroup: 'targetgroup/web/6d0ecf831eec9f09' } },
    [
      'alb:app|studio|50dc6c495c0c9188:targetgroup|web|6d0ecf831eec9f09/errors-percent: IF(calls >= 20, 100 * (FILL(failed1, 0) + FILL(failed2, 0)) / calls, 0) where failed1 = Sum of AWS/ApplicationELB HTTPCode_Target_5XX_Count {LoadBalancer: app/studio/50dc6c495c0c9188, TargetGroup: targetgroup/web/6d0ecf831eec9f09}, failed2 = Sum of AWS/ApplicationELB TargetConnectionErrorCount {LoadBalancer: app/studio/50dc6c495c0c9188, TargetGroup: targetgroup/web/6d0ecf831eec9f09}, calls = Sum of AWS/ApplicationELB RequestCount {LoadBalancer: app/studio/50dc6c495c0c9188, TargetGroup: targetgroup/web/6d0ecf831eec9f09}, > 5, 3 of 5 × 60 s, notBreaching',
      'alb:app|studio|50dc6c495c0c9188:targetgroup|web|6d0ecf831eec9f09/latency-p99-seconds: p99 of AWS/ApplicationELB TargetResponseTime {LoadBalancer: app/studio/50dc6c495c0c9188, TargetGroup: targetgroup/web/6d0ecf831eec9f09} > 2, 3 of 5 × 60 s, notBreaching',
      'alb:app|studio|50dc6c495c0c9188:targetgroup|web|6d0ecf831eec9f09/availability-unhealthy-count: Maximum of AWS/ApplicationELB UnHealthyHostCount {LoadBalancer: app/studio/50dc6c495c0c9188, TargetGroup: targetgroup/web/6d0ecf831eec9f09} > 0, 3 of 5 × 60 s, notBreaching',
      'alb:app|studio|50dc6c495c0c9188:targetgroup|web|6d0ecf831eec9f09/saturation-rejected-count: Sum of AWS/ApplicationELB RejectedConnectionCount {LoadBalancer: app/studio/50dc6c495c0c9188} > 0, 2 of 5 × 60 s, notBreaching',
    ],
  ],
  [
    'a function with Lambda Insights',
    { lambda: { function: 'resize', insights: true } },
    [
      'lambda:resize/errors-percent: IF(calls >= 20, 100 * (FILL(failed1, 0)) / calls, 0) where failed1 = Sum of AWS/Lambda Errors {FunctionName: resize}, calls = Sum of AWS/Lambda Invocations {FunctionName: resize}, > 5, 3 of 5 × 60 s, notBreaching',
      'lambda:resize/latency-p99-milliseconds: p99 of AWS/Lambda Duration {FunctionName: resize} > 2000, 4 of 5 × 60 s, notBreaching',
      'lambda:resize/saturation-throttles-count: Sum of AWS/Lambda Throttles {FunctionName: resize} > 0, 4 of 5 × 60 s, notBreaching',
      'lambda:resize/memory-used-percent: Maximum of LambdaInsights memory_utilization {function_name: resize} > 80, 8 of 10 × 60 s, notBreaching',
    ],
  ],
  [
    'a function by its ARN, whose timeout is known',
    { lambda: { function: 'arn:aws:lambda:eu-central-1:123456789012:function:resize:live', timeoutSeconds: 29 } },
    [
      'lambda:resize/errors-percent: IF(calls >= 20, 100 * (FILL(failed1, 0)) / calls, 0) where failed1 = Sum of AWS/Lambda Errors {FunctionName: resize}, calls = Sum of AWS/Lambda Invocations {FunctionName: resize}, > 5, 3 of 5 × 60 s, notBreaching',
      'lambda:resize/latency-p99-milliseconds: p99 of AWS/Lambda Duration {FunctionName: resize} > 23200, 4 of 5 × 60 s, notBreaching',
      'lambda:resize/saturation-throttles-count: Sum of AWS/Lambda Throttles {FunctionName: resize} > 0, 4 of 5 × 60 s, notBreaching',
    ],
  ],
])('of services: %s', (_, target, lines) => {
  expect(linesFor(target)).toEqual(lines)
})
