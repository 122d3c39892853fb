// What must be true of SQS queues: each rule stops the look, before anybody is asked, and stands on the runbook's page.
import { readFileSync } from 'node:fs'
import { BACKLOG, DEAD_LETTERS } from '../../../../lambda/runbooks/relieve-queue-backlog/sqs/preconditions.ts'
import { about, MODES, run, runbook, world, type World } from './world.ts'

const RULES = [...BACKLOG, ...DEAD_LETTERS]
const [LONG, ALIVE, SOME, ITS_OWN, SHARED] = RULES.map(({ field }) => field) as [string, string, string, string, string]

/** Somebody works on so many. */
const holding =
  (count: number) =>
  ({ sqs }: World) =>
    void sqs.actions['ReceiveMessage']!({
      QueueUrl: 'x/jobs',
      MaxNumberOfMessages: count,
      VisibilityTimeout: 3600,
    } as never)
const rates = (found: World['rates']) => (here: World) => {
  holding(1)(here)
  Object.assign(here.rates, { sent: undefined, deleted: undefined }, found)
}
const purge = { mode: 'purge' }

test.each<[string, string, (here: World) => void, Record<string, unknown>, string]>([
  [
    LONG,
    'a short queue',
    () => undefined,
    { ...purge, minMessages: 5_000 },
    'jobs does not back up: it holds 1,230 messages, and a backlog begins at 5,000',
  ],
  [
    LONG,
    'messages that consumers hold',
    holding(1_000),
    purge,
    '1,000 more are with consumers and not deleted: restart those, and they come back',
  ],
  [
    ALIVE,
    'consumers that are through soon',
    rates({ sent: 60, deleted: 180 }),
    purge,
    'keep up: they handle 3 a second, 1 a second arrive',
  ],
  [ALIVE, 'consumers that are faster of late', rates({ sent: 60, deleted: [180, 180, 180, 0] }), purge, 'keep up'],
  [
    SOME,
    'no dead letters',
    ({ sqs }) => sqs.empty('jobs-dead'),
    MODES['redrive']!,
    'there are no dead letters to send back',
  ],
  [
    ITS_OWN,
    'dead letters of others only',
    ({ sqs }) => void (sqs.sources['jobs-dead'] = ['orders']),
    MODES['redrive']!,
    'jobs-dead does not get the dead letters of jobs',
  ],
  [
    SHARED,
    'dead letters of others too',
    ({ sqs }) => void (sqs.sources['jobs-dead'] = ['jobs', 'orders']),
    MODES['redrive']!,
    'also holds the dead letters of orders',
  ],
])('%s: %s', async (_field, _what, prepare, options, why) => {
  const here = world()
  prepare(here)
  const { stop } = await runbook.look(here.tools, about(options))
  expect(stop).toContain(why)
})

test.each<[string, (here: World) => void]>([
  ['fall behind', rates({ sent: 180, deleted: 60 })],
  ['are not known', rates({ sent: 180 })],
  ['were faster before', rates({ sent: 60, deleted: [0, 180, 180, 180] })],
  [
    'have stopped, whatever CloudWatch has of them',
    (here) => void Object.assign(here.rates, { sent: 60, deleted: 180 }),
  ],
])('consumers that %s do not stop it', async (_, prepare) => {
  const here = world()
  prepare(here)
  expect((await run(here, purge)).stop).toBeUndefined()
})

test('the page lists the same rules', () => {
  const page = readFileSync('docs/runbooks/relieve-queue-backlog.md', 'utf8').replace(/ +/g, ' ')
  for (const { field, must } of RULES)
    expect(page).toContain(`| ${field.includes('`') ? field : `\`${field}\``} | ${must} |`)
})
