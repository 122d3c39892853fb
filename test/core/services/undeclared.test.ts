// What a service is called that nobody has declared.
import { resourceIn } from '../../../lambda/core/services/undeclared.ts'
import { reasonFor, serviceFinder } from '../../../lambda/core/services/matching.ts'
import { rulesFor } from '../incidents.ts'

test.each<[string, Record<string, string>, string | undefined]>([
  ['an ECS service, in its cluster', { ClusterName: 'prod', ServiceName: 'web' }, 'prod/web'],
  ['a service without a cluster', { ServiceName: 'web' }, 'web'],
  ['a cluster alone', { ClusterName: 'prod' }, 'prod cluster'],
  ['not a cluster that holds something else', { ClusterName: 'prod', NodeName: 'n1' }, undefined],
  ['a pod, in its namespace', { ClusterName: 'prod', Namespace: 'shop', PodName: 'api' }, 'prod/shop/api'],
  ['a database', { DBInstanceIdentifier: 'core-db', Role: 'WRITER' }, 'core-db database'],
  ['a load balancer by its name, not its id', { LoadBalancer: 'app/studio/50dc6c495c0c9188' }, 'studio load balancer'],
  ['a network load balancer', { LoadBalancer: 'net/edge/50dc6c495c0c9188' }, 'edge load balancer'],
  [
    'the targets of a load balancer that several share',
    { TargetGroup: 'targetgroup/api/73', LoadBalancer: 'app/studio/50' },
    'api targets',
  ],
  [
    'a state machine',
    { StateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:orders' },
    'orders state machine',
  ],
  ['a function', { FunctionName: 'orders', Resource: 'orders:live' }, 'orders function'],
  ['a queue of the same name', { QueueName: 'orders' }, 'orders queue'],
  ['a table of the same name', { TableName: 'orders' }, 'orders table'],
  ['an API, by its stage', { ApiName: 'shop', Stage: 'dev' }, 'dev/shop API'],
  ['a machine', { InstanceId: 'i-0abc', path: '/' }, 'i-0abc'],
  ['its group before the machine', { InstanceId: 'i-0abc', AutoScalingGroupName: 'workers' }, 'workers group'],
  ['what Application Signals calls a service', { Service: 'api', Environment: 'eks:prod' }, 'eks:prod/api'],
  ['what OpenTelemetry calls a service', { 'service.name': 'checkout', 'k8s.pod.name': 'checkout-7f' }, 'checkout'],
  ['a path that is no load balancer', { service: 'net/http/handler' }, 'net/http/handler'],
  ['a name that objects have anyway', { constructor: 'x' }, undefined],
  ['an empty value', { QueueName: '' }, undefined],
  ['what names no resource', { path: '/', Currency: 'USD' }, undefined],
  ['none', {}, undefined],
])('%s', (_, dimensions, id) => expect(resourceIn({ namespace: 'A', dimensions })?.id).toBe(id))

test.each(['AWS/Usage', 'AWS/Billing', 'AWS/TrustedAdvisor'])('the services of %s are products of AWS', (namespace) => {
  expect(resourceIn({ namespace, dimensions: { Service: 'EC2', ServiceName: 'AmazonEC2' } })).toBeUndefined()
})

test('is never a declared one: that has its say in matchers and its id', () => {
  const { services } = rulesFor({ 'studio load balancer': {} }).config
  const facts = { name: 'x', dimensions: { LoadBalancer: 'app/studio/50dc6c495c0c9188' } }
  expect(serviceFinder(services)(facts)).toBe('app/studio/50dc6c495c0c9188')
  expect(reasonFor(facts, services)).toContain('it is one of its own, called by its dimension LoadBalancer')
})

test('an alarm whose dimensions name nothing is called as the alarm', () => {
  expect(serviceFinder({})({ name: 'orders/too-few', dimensions: { path: '/' } })).toBe('orders/too-few')
  expect(reasonFor({ name: 'orders/too-few' }, {})).toContain('called as its alarm')
})
