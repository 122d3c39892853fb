// Small inputs made from what people reported of real accounts, and what becomes of them.
import { readFileSync } from 'node:fs'
import { checkConfig } from '../../lambda/config.ts'
import { replay, type Story } from '../../replay/replay.ts'

const read = (file: string): string => readFileSync(new URL(`./cases/${file}`, import.meta.url), 'utf8')

async function played(folder: string, events = 'events', config = 'config'): Promise<Story> {
  const lines = read(`${folder}/${events}.jsonl`).trimEnd().split('\n')
  const messages = lines.map((line, place) => ({ line: place + 1, message: JSON.parse(line) as unknown }))
  return (await replay(checkConfig(JSON.parse(read(`${folder}/${config}.json`))), messages)).story
}

test('other notices on the same topic are ignored with what each is, and nothing is kept in the dead letters', async () => {
  const { ignored, unreadable, incidents, slack } = await played('shared-topic')
  expect(ignored.map(({ reason }) => reason)).toEqual([
    'a notice of Auto Scaling (autoscaling:TEST_NOTIFICATION), not an alarm',
    'a notice of Auto Scaling (autoscaling:EC2_INSTANCE_LAUNCH), not an alarm',
    'a notice of RDS (DB instance restarted), not an alarm',
    'a notice of S3 (s3:TestEvent), not an alarm',
    'a notice of ElastiCache (ElastiCache:SnapshotComplete), not an alarm',
    'a notice of SES (Bounce), not an alarm',
    'an event of aws.codepipeline, not of CloudWatch',
    'an event of aws.health, not of CloudWatch',
    'a notice of AWS Budgets, not an alarm',
  ])
  expect({ unreadable, incidents, posts: slack.posts }).toEqual({ unreadable: [], incidents: [], posts: 0 })
})

test('target tracking is ignored by default, and that is said once', async () => {
  const { ignored, incidents, slack, notes } = await played('target-tracking-alarms')
  expect(incidents).toEqual([])
  expect(ignored).toHaveLength(16)
  expect(slack).toMatchObject({ posts: 1, updates: 0, threadReplies: 0 })
  expect(notes).toEqual([expect.stringMatching(/^ignored by default: 16 messages .*ignoreTargetTracking: false/)])
})

test('the recovery of one contributor by SNS does not end another', async () => {
  const { incidents } = await played('multi-series-alarm', 'log-groups')
  expect(incidents).toHaveLength(1)
  expect(incidents[0]!.status).toBe('open')
  expect(incidents[0]!.alarms.map(({ state }) => state).sort()).toEqual(['ALARM', 'OK'])
})

test('too little is worded by its side, and is never short of anything', async () => {
  const { incidents } = await played('target-tracking-alarms', 'below', 'config-below')
  expect(incidents.map(({ title, severity, runbooks }) => [title, severity, runbooks])).toEqual([
    ['a: CPU below 5%: idle', 'minor', []],
    ['b: memory below 10%: idle', 'minor', []],
    ['c: nobody connects', 'minor', []],
    ['d: no messages arrive', 'minor', []],
  ])
})

test('an alarm over several series, and each of them, are one incident and one post', async () => {
  const { incidents, slack } = await played('multi-series-alarm', 'promql')
  expect(incidents.map(({ services, status, causes }) => [services, status, causes[0]!.service])).toEqual([
    [['checkout', 'http-p99'], 'resolved', 'checkout'],
  ])
  expect(slack.posts).toBe(1)
})

test('a composite and its child are one incident, the service of the child first', async () => {
  const { incidents, slack } = await played('composite-and-child')
  expect(incidents.map(({ title, severity, causes }) => [title, severity, causes[0]!.service])).toEqual([
    ['api: failing', 'major', 'api'],
  ])
  expect(slack.posts).toBe(1)
})
