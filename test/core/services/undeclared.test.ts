// What a service is called that nobody has declared.
import { resourceIn } from '../../../lambda/core/services/undeclared.ts'
import { reasonFor, serviceFinder } from '../../../lambda/core/services/matching.ts'
import { rulesFor } from '../incidents.ts'

test.each<[string, Record<string, string>, string | undefined]>([
  ['an ECS service, in its cluster', { ClusterName: 'prod', ServiceName: 'web' }, 'prod/web'],
  ['a service without a cluster', { ServiceName: 'web' }, 'web'],
  ['a cluster alone', { ClusterName: 'prod' }, 'prod'],
  ['a database', { DBInstanceIdentifier: 'core-db', Role: 'WRITER' }, 'core-db'],
  ['a load balancer by its name, not its id', { LoadBalancer: 'app/studio/50dc6c495c0c9188' }, 'studio'],
  ['a network load balancer', { LoadBalancer: 'net/edge/50dc6c495c0c9188' }, 'edge'],
  ['a target group alone', { TargetGroup: 'targetgroup/api/73e2d6bc24d8a067' }, 'api'],
  [
    'its load balancer before its target group',
    { TargetGroup: 'targetgroup/api/73', LoadBalancer: 'app/studio/50' },
    'studio',
  ],
  ['a state machine', { StateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:orders' }, 'orders'],
  ['a function', { FunctionName: 'mailer', Resource: 'mailer:live' }, 'mailer'],
  ['a queue', { QueueName: 'jobs' }, 'jobs'],
  ['a machine', { InstanceId: 'i-0abc', path: '/' }, 'i-0abc'],
  ['its group before the machine', { InstanceId: 'i-0abc', AutoScalingGroupName: 'workers' }, 'workers'],
  ['what OpenTelemetry calls a service', { 'service.name': 'checkout', 'k8s.pod.name': 'checkout-7f' }, 'checkout'],
  ['a name that objects have anyway', { constructor: 'x' }, undefined],
  ['an empty value', { QueueName: '' }, undefined],
  ['what names no resource', { path: '/', Currency: 'USD' }, undefined],
  ['none', {}, undefined],
])('%s', (_, dimensions, id) => expect(resourceIn(dimensions)?.id).toBe(id))

test('is never a declared one: that has its say in matchers and its id', () => {
  const { services } = rulesFor({ studio: {} }).config
  const facts = { name: 'x', dimensions: { LoadBalancer: 'app/studio/50dc6c495c0c9188' } }
  expect(serviceFinder(services)(facts)).toBe('app/studio/50dc6c495c0c9188')
  expect(reasonFor(facts, services)).toContain('it is one of its own, called by its dimension LoadBalancer')
})

test('an alarm whose dimensions name nothing is called as the alarm', () => {
  expect(serviceFinder({})({ name: 'orders/too-few', dimensions: { path: '/' } })).toBe('orders/too-few')
  expect(reasonFor({ name: 'orders/too-few' }, {})).toContain('called as its alarm')
})
