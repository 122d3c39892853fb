// Permissions that no call shows: on customers' keys, and on a function that is named by its ARN.
import type { Target } from '../../lambda/core/services/config.ts'
import { BUILT_IN } from '../../lambda/runbooks/built-in.ts'
import { fakeCloud, SINCE, toolsOf } from './fakes/cloud.ts'
import { aboutThe } from './look.ts'

const PLACE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1a2b'
const OTHER = 'arn:aws:kms:eu-west-3:111122223333:key/3c4d'

const permissions = (name: string, target: Target, options: Record<string, unknown> = {}) => {
  const runbook = BUILT_IN.get(name)!
  return runbook.permissions(target, runbook.options.parse(options), PLACE)
}
const onKeys = (statements: ReturnType<typeof permissions>) =>
  statements.filter(({ actions }) => actions.some((action) => action.startsWith('kms:')))

test('queues with keys of their own: reading and writing, through SQS alone', () => {
  const statements = permissions('relieve-queue-backlog', { sqs: { queue: 'orders', key: [KEY, OTHER] } })
  expect(onKeys(statements)).toEqual([
    {
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [KEY],
      conditions: { StringLike: { 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com*' } },
    },
    {
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [OTHER],
      conditions: { StringLike: { 'kms:ViaService': 'sqs.eu-west-3.amazonaws.com*' } },
    },
  ])
  expect(onKeys(permissions('relieve-queue-backlog', { sqs: { queue: 'orders' } }))).toEqual([])
})

test("a broker's secret with a key of its own: reading, through Secrets Manager alone", () => {
  const rabbitmq = { broker: 'b', secret: 'login', vhost: '/', queues: ['*'], key: KEY }
  expect(onKeys(permissions('relieve-queue-backlog', { rabbitmq }))).toEqual([
    {
      actions: ['kms:Decrypt'],
      resources: [KEY],
      conditions: { StringLike: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com*' } },
    },
  ])
})

test.each([
  ['mend', 'arn:aws:lambda:eu-west-1:111122223333:function:mend'],
  ['mend:live', 'arn:aws:lambda:eu-west-1:111122223333:function:mend:live'],
  [
    'arn:aws:lambda:eu-west-1:444455556666:function:mend:live',
    'arn:aws:lambda:eu-west-1:444455556666:function:mend:live',
  ],
])('the function %s is called by that name, and its role allows it', async (name, arn) => {
  const target: Target = { lambda: { function: name } }
  expect(permissions('invoke-function', target)[0]).toEqual({ actions: ['lambda:InvokeFunction'], resources: [arn] })
  expect(permissions('invoke-function', {}, { function: name })[0]!.resources).toEqual([arn])
  const cloud = fakeCloud({ lambda: { Invoke: () => ({ Payload: '{"found":"all is well"}' }) } })
  const { runbook, about } = aboutThe('invoke-function', { target })
  await runbook.look(toolsOf(cloud, { now: SINCE }), about)
  expect(cloud.calls[0]!.input['FunctionName']).toBe(name)
})
