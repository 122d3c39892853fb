// relieve-queue-backlog on SQS: dead letters go back, a backlog goes to another queue or to S3; and it may do exactly what it does.
import { jest } from '@jest/globals'
import { chunkKey, linesOf, sumKey } from '../../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { actionOf } from '../../../support/iam.ts'
import { about, all, COUNT, FOLDER, kept, manifest, MODES, run, runbook, TARGET, world, type World } from './world.ts'

describe('works', () => {
  test('purge: all of it is in S3', async () => {
    const here = world()
    const ran = await run(here, MODES['purge']!)
    expect(ran.health).toEqual({ ok: true, text: 'jobs holds 0 messages' })
    expect(here.sqs.bodies('jobs')).toEqual([])
    expect(kept(here)).toEqual(all('jobs', COUNT))
    expect(manifest(here)).toMatchObject({ kind: 'sqs', queue: 'jobs', count: COUNT, doubtful: 0 })
    expect(linesOf(here.evidence.objects.get(chunkKey(FOLDER, 1))!)[0]!.properties).toEqual({
      messageId: 'id-0',
      system: { ApproximateReceiveCount: '1', SentTimestamp: '1' },
      attributes: { kind: { DataType: 'Binary', BinaryValue: 'AQI=' } },
    })
  })

  test('shed: the oldest are in S3', async () => {
    const here = world()
    await run(here, MODES['shed']!)
    expect(here.sqs.bodies('jobs')).toEqual(all('jobs', COUNT).slice(-200))
    expect(kept(here)).toEqual(all('jobs', COUNT).slice(0, -200))
  })

  test('move: all of it is in the other queue', async () => {
    const here = world()
    const ran = await run(here, MODES['move']!)
    expect(ran.steps[0]!.text).toBe('1,230 messages are in later')
    expect([here.sqs.bodies('jobs'), here.sqs.bodies('later')]).toEqual([[], all('jobs', COUNT)])
  })

  test('redrive: the dead letters are back', async () => {
    const here = world()
    const ran = await run(here, MODES['redrive']!)
    expect(ran.found).toContain('its dead letters: 30')
    expect(ran.steps[0]!.text).toBe('30 messages went back to jobs')
    expect([here.sqs.bodies('jobs-dead'), here.sqs.tasks.length, ran.health?.ok]).toEqual([[], 1, true])
  })
})

test('redrive starts one task, also when its turn is run twice', async () => {
  const here = world()
  await run(here, MODES['redrive']!, { twice: true })
  expect(here.sqs.tasks).toHaveLength(1)
})

test('redrive that SQS gives up says why', async () => {
  const here = world()
  const { facts } = await runbook.look(here.tools, about(MODES['redrive']!))
  const [step] = runbook.steps(facts, about(MODES['redrive']!))
  await step!.turn(here.tools, undefined)
  here.sqs.tasks[0]!.status = 'FAILED'
  await expect(step!.turn(here.tools, undefined)).rejects.toThrow(
    'SQS stopped after 0 messages (FAILED): no permission',
  )
})

describe('dead letters that several queues share', () => {
  const shared = (): World => {
    const here = world()
    here.sqs.sources['jobs-dead'] = ['jobs', 'orders']
    here.sqs.add('jobs-dead', 5, 'orders')
    return here
  }

  test('are left alone while nobody has allowed that those of others go back too', async () => {
    expect((await run(shared(), MODES['redrive']!)).stop).toBe(
      'jobs-dead also holds the dead letters of orders, and SQS would send those back as well: allow it with the option sharedWith',
    )
  })

  test('go back to the queue that each came from', async () => {
    const here = shared()
    const options = { ...MODES['redrive']!, sharedWith: ['orders'] }
    const ran = await run(here, options)
    expect(ran.steps[0]!.text).toBe('35 messages went back to the queues they came from')
    expect(here.sqs.bodies('orders')).toEqual(all('orders-dead', 5))
    expect(here.sqs.tasks[0]!.to).toBeUndefined()
    const [, , , send] = runbook.permissions(TARGET, runbook.options.parse(options), PLACE)
    expect(send!.resources).toEqual([
      'arn:aws:sqs:eu-west-1:111122223333:jobs',
      'arn:aws:sqs:eu-west-1:111122223333:orders',
    ])
  })

  test('of other queues alone are none of its business', async () => {
    const here = world()
    here.sqs.sources['jobs-dead'] = ['orders']
    expect((await run(here, MODES['redrive']!)).stop).toBe('jobs-dead does not get the dead letters of jobs')
  })
})

describe('what was approved', () => {
  test('is the queue, and how much of it may go', async () => {
    const { scope, needs } = await runbook.look(world().tools, about(MODES['purge']!))
    expect(scope).toEqual({
      words: 'up to 2,500 messages of jobs',
      on: { queue: 'jobs', mode: 'purge', 'messages that stay': '0' },
      bounds: { messages: 2_500 },
    })
    expect(needs).toEqual({ messages: 231 })
  })

  test('is all that a move task moves: it is cancelled there', async () => {
    const here = world()
    here.rates.sent = 0
    here.sqs.moveRate = 10
    const ran = await run(here, MODES['redrive']!, { before: () => here.sqs.add('jobs-dead', 400, 'jobs') })
    expect(here.sqs.tasks[0]!.status).toBe('CANCELLED')
    expect(ran.steps[0]!.text).toContain('what is left in jobs-dead is beyond what was approved, and stays')
  })

  test.each([
    ['purge', 'later'],
    ['move', 'later'],
  ])('is all that %s takes', async (mode) => {
    const here = world()
    here.rates.sent = 0
    await run(here, MODES[mode]!, { before: () => here.sqs.add('jobs', 900) })
    expect(here.sqs.bodies('jobs')).toHaveLength(COUNT + 900 - (mode === 'move' ? COUNT : 1_300))
  })
})

describe('a move', () => {
  test('forgets nothing when a call fails, and takes no more than it may', async () => {
    const here = world()
    here.rates.sent = 0
    const { SendMessageBatch } = here.sqs.actions
    let calls = 0
    here.sqs.actions['SendMessageBatch'] = (input) => {
      if (++calls === 30) throw new Error('socket hang up')
      return SendMessageBatch!(input)
    }
    const ran = await run(here, MODES['move']!, { before: () => here.sqs.add('jobs', 2_000) })
    expect(ran.steps[0]!.text).toContain(
      '1,220 messages are in later; 10 messages more may be there too: SQS did not say',
    )
    expect(here.sqs.bodies('later')).toHaveLength(1_220)
  })

  test('sends nothing twice when one of ten is refused', async () => {
    const here = world()
    const { SendMessageBatch } = here.sqs.actions
    let refused = false
    here.sqs.actions['SendMessageBatch'] = (input: { Entries: object[] }) => {
      if (refused) return SendMessageBatch!(input as never)
      refused = true
      SendMessageBatch!({ ...input, Entries: input.Entries.slice(1) } as never)
      return { Failed: [{ Id: '0', Message: 'internal error' }] }
    }
    await run(here, MODES['move']!)
    const later = here.sqs.bodies('later')
    expect(new Set(later).size).toBe(later.length)
    expect([...later, ...here.sqs.bodies('jobs')].sort()).toEqual(all('jobs', COUNT).sort())
  })

  test('of large messages goes in several requests', async () => {
    const here = world()
    const sizes: number[] = []
    const { SendMessageBatch, ReceiveMessage } = here.sqs.actions
    here.sqs.actions['ReceiveMessage'] = (input) => {
      const { Messages } = ReceiveMessage!(input) as { Messages: { Body: string }[] }
      return { Messages: Messages.map((one) => ({ ...one, Body: one.Body.padEnd(300_000) })) }
    }
    here.sqs.actions['SendMessageBatch'] = (input: { Entries: object[] }) => {
      sizes.push(JSON.stringify(input.Entries).length)
      return SendMessageBatch!(input as never)
    }
    await run(here, MODES['move']!)
    expect(Math.max(...sizes)).toBeLessThan(1024 ** 2)
    expect(here.sqs.bodies('later')).toHaveLength(COUNT)
  })
})

const ARN = (name: string): string => `arn:aws:sqs:eu-west-1:111122223333:${name}`

test('somebody else’s move task is not taken for its own', async () => {
  const here = world()
  const before = (): void =>
    void here.sqs.actions['StartMessageMoveTask']!({
      SourceArn: ARN('jobs-dead'),
      DestinationArn: ARN('orders'),
    } as never)
  const ran = await run(here, MODES['redrive']!, { before })
  expect(ran.steps[0]).toMatchObject({
    is: 'failed',
    text: 'somebody else moves the messages of jobs-dead already: wait until that has ended',
  })
})

test('what is to stay stays to the last message, and none of it is hidden from consumers meanwhile', async () => {
  const here = world()
  const most = jest.spyOn(here.sqs.actions, 'ReceiveMessage')
  await run(here, { mode: 'shed', downTo: 217 })
  expect(here.sqs.bodies('jobs')).toHaveLength(217)
  const asked = most.mock.calls.map(([input]) => (input as { MaxNumberOfMessages: number }).MaxNumberOfMessages)
  expect(asked.reduce((sum, n) => sum + n, 0)).toBe(COUNT - 217)
})

test('what comes meanwhile is taken too, as long as it is a backlog and was approved', async () => {
  const here = world()
  const { ReceiveMessage } = here.sqs.actions
  let rounds = 0
  here.sqs.actions['ReceiveMessage'] = (input) => {
    if (rounds++ === 20) here.sqs.add('jobs', 1_500)
    return ReceiveMessage!(input)
  }
  const ran = await run(here, MODES['purge']!)
  expect(ran.health?.ok).toBe(true)
  expect(here.sqs.bodies('jobs')).toHaveLength(COUNT + 1_500 - manifest(here).count)
  expect(here.sqs.bodies('jobs').length).toBeLessThan(1_000)
  expect(manifest(here).count).toBeLessThanOrEqual(2_500)
})

test('a crash does not let it take more than was approved', async () => {
  const here = world()
  here.rates.sent = 0
  here.evidence.dieAt(sumKey('/', 3), 'before')
  await run(here, MODES['purge']!, { before: () => here.sqs.add('jobs', 2_000) })
  expect(here.evidence.deaths()).toBe(1)
  expect(manifest(here).count).toBe(1_300)
})

describe('dies', () => {
  test.each<[string, string, 'before' | 'after', number]>([
    ['with a chunk received', chunkKey('/', 2), 'before', 0],
    ['with a chunk stored and not deleted', chunkKey('/', 2), 'after', 0],
    ['with the last chunk stored and not deleted', chunkKey('/', 3), 'after', 0],
    ['with a chunk deleted and not recorded', sumKey('/', 2), 'before', 500],
  ])('%s: nothing is lost, nothing kept twice', async (_, end, when, doubtful) => {
    const here = world()
    here.evidence.dieAt(end, when)
    const ran = await run(here, MODES['purge']!)
    expect(here.evidence.deaths()).toBe(1)
    expect(ran.health?.ok).toBe(true)
    expect(here.sqs.bodies('jobs')).toEqual([])
    expect(kept(here).toSorted()).toEqual(all('jobs', COUNT).toSorted())
    expect(manifest(here)).toMatchObject({ count: COUNT, doubtful })
  })
})

test.each(['purge', 'move'])('when it comes too late to %s', async (mode) => {
  const here = world()
  const ran = await run(here, MODES[mode]!, { before: () => (here.clock.now += 1) && drain(here) })
  expect(ran.steps.map(({ is, text }) => `${is}: ${text}`)).toEqual([
    'failed: jobs does not back up: it holds 0 messages, and a backlog begins at 1,000',
  ])
})

function drain({ sqs }: World): void {
  const queue = { QueueUrl: 'x/jobs', MaxNumberOfMessages: COUNT, VisibilityTimeout: 1 }
  const { Messages } = sqs.actions['ReceiveMessage']!(queue as never) as { Messages: { ReceiptHandle: string }[] }
  sqs.actions['DeleteMessageBatch']!({ QueueUrl: 'x/jobs', Entries: Messages } as never)
}

const PLACE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }

describe.each(Object.entries(MODES))('%s', (mode, options) => {
  const statements = runbook.permissions(TARGET, runbook.options.parse(options), PLACE)

  test('may do exactly what it does', async () => {
    const here = world()
    await run(here, options)
    const called = new Set(here.cloud.calls.map(actionOf))
    const allowed = new Set(statements.flatMap(({ actions }) => actions))
    // Only while S3 refuses a copy.
    if (mode === 'purge' || mode === 'shed') called.add('sqs:ChangeMessageVisibility')
    // A move task makes these calls in our name, and is cancelled where it moves more than was approved.
    if (mode === 'redrive')
      for (const action of ['ReceiveMessage', 'DeleteMessage', 'SendMessage', 'CancelMessageMoveTask'])
        called.add(`sqs:${action}`)
    expect([...allowed].sort()).toEqual([...called].sort())
  })

  test('is denied: it says what to do, and nothing is lost', async () => {
    for (const action of new Set(statements.flatMap(({ actions }) => actions)).values()) {
      const here = world()
      const name = action.slice(action.indexOf(':') + 1)
      for (const one of [name, `${name}Batch`]) here.cloud.deny(one)
      const ran = await run(here, options)
      const words = [ran.stop, ...ran.steps.filter(({ is }) => is === 'failed').map(({ text }) => text)].join()
      const isOurs = here.cloud.calls.some((call) => actionOf(call) === action)
      if (isOurs) expect(words).toContain("Tocsin's role may not do this")
      const everywhere = ['jobs', 'jobs-dead', 'later'].flatMap((name) => here.sqs.bodies(name))
      expect(new Set([...everywhere, ...kept(here)]).size).toBe(COUNT + 30)
    }
  })
})
