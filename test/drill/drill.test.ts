// Drills: how many seconds from the first alarm to a healthy world, with every fault, in every world.
import { describe, expect, test } from '@jest/globals'
import type { WorldInput } from '../../drill/world/plan/schema.ts'
import { changed, inputOf, LEFT_ALONE, MENDED, rehearse, type BuiltIn } from './worlds.ts'

describe('from the first alarm to healthy', () => {
  test.each<[BuiltIn, 'suggest' | 'auto', number]>([
    // The published incidents took 141 and 44 minutes.
    ['broker-queue-backlog', 'suggest', 180],
    ['broker-queue-backlog', 'auto', 120],
    ['connection-timeout', 'suggest', 240],
    ['connection-timeout', 'auto', 240],
    ['delivery-limit', 'suggest', 120],
    ['delivery-limit', 'auto', 120],
    ['disk-fills', 'suggest', 120],
    ['disk-fills', 'auto', 120],
    ['memory-leak', 'suggest', 180],
    ['memory-leak', 'auto', 180],
    ['sqs-backlog', 'suggest', 180],
    ['sqs-backlog', 'auto', 180],
  ])('%s, %s: within %d s, and nothing lost', async (name, mode, seconds) => {
    const { report } = await rehearse(inputOf(name), { mode, name })
    expect(report).toMatchObject({ world: name, mode, messages: { lost: 0, doubled: 0 } })
    expect(report.secondsToHealthy).toBeLessThan(seconds)
    expect(report.secondsToProposal).toBeLessThan(20)
    expect(report.runs.map(({ status }) => status)).toEqual(['succeeded'])
    // What was taken out of a queue is to be sent back.
    const isLeft = ['broker-queue-backlog', 'delivery-limit', 'sqs-backlog'].includes(name)
    expect([report.left.length > 0, report.resolvedAt === null]).toEqual([isLeft, isLeft])
    const ended = isLeft ? report.mitigatedAt : report.resolvedAt
    const times = [report.firstAlarmAt, report.proposedAt, report.approvedAt, report.actedAt, ended]
    expect(times).not.toContain(null)
    expect(times).toEqual([...times].sort())
  })

  test('counts every message: published are consumed, kept, or still there', async () => {
    const { report, drill } = await rehearse(inputOf('broker-queue-backlog'))
    const { published, consumed, kept, lost } = report.messages
    const waiting = [...drill.world.brokers.get('studio-broker')!.queues.values()].map((queue) => queue.messages())
    expect(kept).toBeGreaterThan(40_000)
    expect(consumed + kept + lost + waiting.reduce((sum, n) => sum + n, 0)).toBe(published)
  })

  test('the person decides when', async () => {
    const { report } = await rehearse(inputOf('connection-timeout'), { approveAfterSeconds: 90 })
    expect(Date.parse(report.approvedAt!) - Date.parse(report.proposedAt!)).toBe(90_000)
  })

  test('the same world is the same drill', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => rehearse(inputOf('connection-timeout'), { fault: 'crash' })))
    expect(one!.report).toEqual(two!.report)
  })
})

/** What is not fixed goes on to the end: by then every run has ended. */
const shorter = (name: BuiltIn): WorldInput => changed(name, (input) => void (input.seconds = 1600))

describe.each(MENDED)('when the fix goes wrong: %s', (name) => {
  test('no-help: it hands over, and the world stays ill', async () => {
    const { report } = await rehearse(shorter(name), { fault: 'no-help' })
    expect(report.runs[0]).toMatchObject({ status: 'failed' })
    expect(report.runs[0]!.steps.length).toBeGreaterThan(0)
    expect(report).toMatchObject({ healthyAt: null, secondsToHealthy: null, resolvedAt: null, messages: { lost: 0 } })
    expect(report.timeline.some(({ kind }) => kind === 'handed over')).toBe(true)
  })

  test('denied: nothing is changed, and it says what is missing', async () => {
    const { report, drill } = await rehearse(shorter(name), { fault: 'denied' })
    expect(['failed', 'withdrawn']).toContain(report.runs[0]!.status)
    expect(report).toMatchObject({ actedAt: null, secondsToHealthy: null, messages: { kept: 0, lost: 0 } })
    const done = drill.outside.calls.filter(
      ({ changes, refused, name }) => changes && !refused && !name.startsWith('evidence '),
    )
    expect(done).toEqual([])
    expect(report.timeline.map(({ text }) => text).join('\n')).toContain("AccessDenied: Tocsin's role may not do")
  })

  test('crash: the process dies again and again, and the run ends as if it had not', async () => {
    const { report, drill } = await rehearse(inputOf(name), { fault: 'crash' })
    expect(drill.deaths).toBeGreaterThan(1)
    expect(report.runs).toMatchObject([{ status: 'succeeded' }])
    expect(report).toMatchObject({ messages: { lost: 0, doubled: 0 } })
    expect(report.secondsToHealthy).toBeLessThan(240)
  })
})

describe('where the fix would harm or help nobody, nothing is touched, and the message says why', () => {
  const WHY: Record<(typeof LEFT_ALONE)[number], string[]> = {
    'code-deploy': ['not run, CodeDeploy deploys it (CODE_DEPLOY)', 'restart it with CodeDeploy'],
    'hung-consumer': ['messages of campaign-jobs are with its 1 consumer', 'restart it, and the messages come back'],
    'instance-store-full': ['the disk of /scratch of i-0b1c2d3e4f5a60718 is no EBS volume', 'nothing that is declared'],
    'too-little': [],
  }

  test.each(LEFT_ALONE.flatMap((name) => (['suggest', 'auto'] as const).map((mode) => [name, mode] as const)))(
    '%s, %s',
    async (name, mode) => {
      const { report, drill } = await rehearse(inputOf(name), { mode, name })
      expect(report.firstAlarmAt).not.toBeNull()
      // A look at a machine is a command that reads.
      const changes = drill.outside.calls.filter(({ changes, name }) => changes && name !== 'ssm SendCommand')
      expect(changes).toEqual([])
      expect(report.runs.flatMap(({ steps }) => steps)).toEqual([])
      expect(report).toMatchObject({ proposedAt: null, approvedAt: null, actedAt: null, left: [] })
      expect(report.runs.every(({ status }) => status === 'withdrawn')).toBe(true)
      expect(report.messages).toMatchObject({ kept: 0, lost: 0, doubled: 0 })
      const said = report.timeline.map(({ text }) => text).join('\n')
      for (const words of WHY[name]) expect(said).toContain(words)
    },
  )

  test('an alarm on too little begins no run at all', async () => {
    const { report } = await rehearse(inputOf('too-little'), { mode: 'auto' })
    expect(report.runs).toEqual([])
    expect(report.notProposed).toEqual([
      expect.stringMatching(
        /^INC-0001: add-capacity \(runbooks\[0\]\): it answers alarms about cpu, .* are about other$/,
      ),
    ])
  })

  test('the incident ends with the world: by what somebody does to the consumer', async () => {
    const { report } = await rehearse(inputOf('hung-consumer'))
    expect(report.healthyAt).not.toBeNull()
    expect(report.resolvedAt).not.toBeNull()
  })
})

describe('other worlds', () => {
  test('another queue is the heavy one, by bytes though it has fewer messages', async () => {
    const world = changed('broker-queue-backlog', (input) => {
      input.brokers!['studio-broker']!.queues['renders'] = {
        publishedPerSecond: 2,
        messageBytes: 4_000_000,
        consumers: 2,
        consumedPerSecond: 3,
      }
      input.events = [{ at: 30, does: 'consumers', broker: 'studio-broker', queue: 'renders', count: 0 }]
      delete input.healthy
    })
    const { report } = await rehearse(world)
    expect(report.runs[0]!.steps.map(({ name }) => name)).toContain('Move the messages of renders to S3')
    expect(report).toMatchObject({ runs: [{ status: 'succeeded' }], messages: { lost: 0, doubled: 0 } })
    expect(report.secondsToHealthy).toBeLessThan(180)
  })

  test('the consumer is slow rather than gone: what it has is not taken from it', async () => {
    const world = changed('broker-queue-backlog', (input) => {
      input.events = [{ at: 30, does: 'consume', broker: 'studio-broker', queue: 'campaign-jobs', perSecond: 8 }]
    })
    for (const fault of ['none', 'crash'] as const) {
      const { report } = await rehearse(world, { fault })
      expect(report).toMatchObject({ runs: [{ status: 'succeeded' }], messages: { lost: 0, doubled: 0 } })
      expect(report.secondsToHealthy).toBeLessThan(180)
    }
  })

  test.each([
    ['and no queue is long', []],
    ['beside a long queue of small messages, with a consumer that keeps up', ['audit-log']],
  ])("the broker's disk fills by something else than messages, %s: no queue is touched", async (_, more) => {
    const world = changed('broker-queue-backlog', (input) => {
      const { queues } = input.brokers!['studio-broker']!
      queues['campaign-jobs']!.messagesAtStart = 100
      for (const name of Object.keys(queues))
        if (!['campaign-jobs', 'email-jobs', ...more].includes(name)) delete queues[name]
      input.events = [{ at: 30, does: 'fill-broker', broker: 'studio-broker', mibPerSecond: 6 }]
      delete input.healthy
      input.seconds = 900
    })
    const { report, drill } = await rehearse(world)
    expect(report.messages).toMatchObject({ kept: 0, lost: 0 })
    expect(drill.outside.calls.filter(({ changes }) => changes)).toEqual([])
    expect(report.runs.length).toBeGreaterThan(0)
    expect(report.runs.every(({ status }) => status === 'withdrawn')).toBe(true)
    expect(report.healthyAt).toBeNull()
  })

  test('a disk fills by what may not be cleaned: the volume grows where it may', async () => {
    const world = changed('disk-fills', (input) => {
      const disk = input.instances!['i-0b1c2d3e4f5a60718']!.disks['/']!
      disk.folders = { '/usr': 6144, '/var/lib/billing': 22_000 }
      Object.assign(input.events[0]!, { folder: '/var/lib/billing' })
    })
    const { report } = await rehearse(world)
    expect(report.runs).toMatchObject([{ runbook: 'free-disk', status: 'succeeded' }])
    expect(report.runs[0]!.steps.map(({ name }) => name)).toEqual([
      'Grow vol-0a1b2c3d4e5f60718 to 50 GiB',
      'Grow the file system at /',
    ])
    expect(report.secondsToHealthy).toBeLessThan(120)
  })

  test('two things break at once: two incidents, two runbooks, both mended', async () => {
    const { report, drill } = await rehearse(both())
    expect(report.runs.map(({ runbook, status }) => [runbook, status])).toEqual([
      ['rolling-restart', 'succeeded'],
      ['free-disk', 'succeeded'],
    ])
    expect(report.slack.posts).toBeGreaterThan(1)
    expect(report.resolvedAt).not.toBeNull()
    expect(drill.world.complaints()).toEqual([])
  })
})

/** The connection timeout and the full disk of billing, in one world. */
function both(): WorldInput {
  const disk = inputOf('disk-fills')
  return changed('connection-timeout', (input) => {
    Object.assign(input.services!, disk.services)
    Object.assign(input.alarms, disk.alarms)
    Object.assign(input, { instances: disk.instances, metrics: disk.metrics })
    input.events.push(...disk.events)
    const config = input.tocsin as { services: object; runbooks: object[] }
    const other = disk.tocsin as typeof config
    Object.assign(config.services, other.services)
    config.runbooks.push(...other.runbooks)
  })
}
