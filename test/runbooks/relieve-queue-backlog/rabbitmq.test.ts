// relieve-queue-backlog on RabbitMQ: what it finds, what it keeps, and how it limits the queue.
import { chunkKey, linesOf } from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import type { Target } from '../../../lambda/core/services/config.ts'
import { Refused } from '../../../lambda/ports/tools.ts'
import { messageCalled } from '../fakes/broker.ts'

import {
  runbook,
  QUEUE,
  FOLDER,
  COUNT,
  type World,
  world,
  about,
  run,
  keptIn,
  manifestIn,
  everything,
} from './rabbitmq-world.ts'

describe('it looks', () => {
  test('and says which queue holds the memory, in numbers', async () => {
    const { found, stop } = await runbook.look(world().tools, about())
    expect(stop).toBeUndefined()
    expect(found).toBe(
      'campaign-jobs holds 12,500 messages (60 MiB, 100 % of all that waits in its virtual host), has no consumer; memory 107 MiB of 95 MiB, publishers are blocked',
    )
  })

  test.each<[string, Record<string, unknown>, string[], Partial<{ count: number; type: 'stream' }>, string]>([
    [
      'nothing backs up',
      {},
      ['*'],
      { count: 1_500 },
      'no queue backs up: the heaviest, campaign-jobs, holds 1,500 messages',
    ],
    ['the level is higher', { minMessages: 20_000, minBytes: 1e9 }, ['*'], {}, 'a backlog begins at 20,000 or 954 MiB'],
    ['it is a stream', {}, ['*'], { type: 'stream' }, 'is a stream'],
    ['only another one may be relieved', {}, ['mail*'], {}, 'the heaviest, mails, holds 500 messages'],
  ])('and does nothing where %s', async (_, options, queues, { count = COUNT, ...more }, words) => {
    const { stop } = await runbook.look(world(more, count).tools, about(options, queues))
    expect(stop).toContain(words)
  })

  test('and is refused where no queue may be relieved', async () => {
    await expect(runbook.look(world().tools, about({}, ['nope']))).rejects.toThrow(Refused)
  })

  test('and changes nothing', async () => {
    const { broker, evidence, tools } = world()
    const { facts } = await runbook.look(tools, about())
    const steps = runbook.steps(JSON.parse(JSON.stringify(facts)), about())
    expect(steps.map(({ name }) => name)).toEqual([
      'Move the messages of campaign-jobs to S3',
      'Limit campaign-jobs to 2,600 messages',
      'Move what is above the limit to S3',
    ])
    expect(steps.flatMap(({ calls }) => calls)).toEqual([
      'AMQP basic.consume studio campaign-jobs (a few at a time, then basic.cancel)',
      's3:PutObject s3://tocsin-evidence/INC-0001-1/campaign-jobs/000001.jsonl … (at most 480 messages or 4 MiB each)',
      'AMQP basic.ack studio campaign-jobs (exactly the chunk, once its copy is stored and its checksum compared)',
      's3:PutObject s3://tocsin-evidence/INC-0001-1/campaign-jobs/manifest.json',
      expect.stringContaining(
        'PUT /api/policies/studio/tocsin-campaign-jobs {"pattern":"^campaign-jobs$","definition":{"overflow":"reject-publish"}',
      ) as string,
      expect.stringContaining('"definition":{"max-length":') as string,
      expect.stringContaining('while more than 2,600 are in the queue') as string,
    ])
    expect([broker.acts, evidence.objects.size]).toEqual([[], 0])
  })
})

describe('it takes the backlog out', () => {
  test('with a copy of every message, in order, and limits the queue', async () => {
    const here = world()
    const ran = await run(here)
    expect(ran.steps.map(({ is }) => is)).toEqual(['done', 'done', 'done'])
    expect(ran.health).toEqual({ ok: true, text: expect.stringContaining('publishers are not blocked') as string })
    expect(here.broker.ids(QUEUE)).toEqual([])
    expect(keptIn(here)).toEqual(everything())
    expect(manifestIn(here)).toMatchObject({
      run: 'INC-0001-1',
      service: 'message-broker',
      kind: 'rabbitmq',
      vhost: 'studio',
      count: COUNT,
      doubtful: 0,
    })
    expect(here.broker.queuesByName.get('mails')!.messages).toHaveLength(500)
    const [line] = linesOf(here.evidence.objects.get(chunkKey(FOLDER, 1))!)
    expect(line).toEqual({ id: `${FOLDER}0`, ...messageCalled(`${QUEUE}-0`) })
  })

  test('the oldest only, down to a level', async () => {
    const here = world()
    await run(here, { mode: 'shed', downTo: 3_000, prevent: false })
    expect(here.broker.ids(QUEUE)).toEqual(everything().slice(-3_000))
    expect(keptIn(here)).toEqual(everything().slice(0, -3_000))
  })

  test('and not what publishers add meanwhile', async () => {
    const here = world({ grows: 10 })
    const ran = await run(here, { prevent: false })
    expect(ran.health?.ok).toBe(true)
    expect(manifestIn(here).count).toBe(COUNT)
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual([
      ...new Set([...keptIn(here), ...here.broker.ids(QUEUE)]),
    ])
    expect(here.broker.ids(QUEUE).length).toBeGreaterThan(100)
  })

  test('in turns of less than a minute', async () => {
    const here = world()
    const { put } = here.evidence
    here.evidence.put = async (key, body) => {
      here.clock.now += 10_000
      return put(key, body)
    }
    const { facts } = await runbook.look(here.tools, about())
    const [copy] = runbook.steps(facts, about())
    const begun = here.clock.now
    const turn = await copy!.turn(here.tools, undefined)
    expect(turn).toMatchObject({
      going: expect.stringMatching(/^[\d,]+ of 12,500 messages are in S3$/) as string,
    })
    expect(here.clock.now - begun).toBeLessThan(75_000)
    expect(JSON.stringify(turn).length).toBeLessThan(1_000)
  })
})

test('large messages among small ones: no chunk is larger than it may be', async () => {
  const here = world({}, 100)
  const { messages } = here.broker.queuesByName.get(QUEUE)!
  const large = Buffer.alloc(1024 ** 2).toString('base64')
  for (const message of messages.slice(20, 80)) message.body = large
  await run(here, { minMessages: 10, prevent: false })
  const sizes = manifestIn(here).chunks.map(({ bytes }) => bytes)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * 1024 ** 2)
  expect(keptIn(here)).toEqual(everything(100))
})

describe('it prevents', () => {
  const step = async (here: World, options = {}) => {
    const { facts } = await runbook.look(here.tools, about(options))
    return runbook.steps(JSON.parse(JSON.stringify(facts)), about(options))[1]!
  }

  test('and drops nothing of a queue that is longer than its limit', async () => {
    const here = world()
    const limit = await step(here)
    const first = await limit.turn(here.tools, undefined)
    expect(first).toMatchObject({ going: 'campaign-jobs drops nothing from now on', againInSeconds: 5 })
    await limit.turn(here.tools, (first as { state: unknown }).state)
    expect(here.broker.ids(QUEUE)).toHaveLength(COUNT)
    expect(here.broker.policiesByName.get('tocsin-campaign-jobs')!.definition).toEqual({
      'max-length': 2_600,
      overflow: 'reject-publish',
    })
  })

  test('and what publishers have brought above the limit is kept too, although the broker counts late', async () => {
    const here = world({ grows: 400, published: 40 })
    const { take, queues } = here.broker
    const counted: [at: number, seen: Awaited<ReturnType<typeof queues>>][] = [[0, await queues()]]
    const count = async (): Promise<void> => void counted.push([here.clock.now, await queues()])
    here.broker.queues = async () => {
      await count()
      return counted.findLast(([at]) => at <= here.clock.now - 9_000)![1]
    }
    here.broker.take = (...args) => take(...args).finally(count)
    await run(here)
    const { definition } = here.broker.policiesByName.get('tocsin-campaign-jobs')!
    expect(here.broker.ids(QUEUE).length).toBeLessThanOrEqual(Number(definition['max-length']))
    const all = [...keptIn(here), ...here.broker.ids(QUEUE)]
    expect([...all].sort()).toEqual(everything(all.length).sort())
  })

  test('with the number that was told', async () => {
    expect((await step(world(), { maxLength: 777 })).name).toBe('Limit campaign-jobs to 777 messages')
  })

  test('not where it is left out, or limited already', async () => {
    expect(await step(world(), { prevent: false })).toBeUndefined()
    const here = world()
    here.broker.policiesByName.set('all', {
      name: 'all',
      pattern: '',
      definition: { 'max-length': 1e6 },
      applyTo: 'all',
      priority: 0,
    })
    expect(await step(here)).toBeUndefined()
  })

  test('not when the policy has changed since', async () => {
    const here = world()
    const limit = await step(here)
    here.broker.policiesByName.set('new', {
      name: 'new',
      pattern: '^campaign',
      definition: { 'message-ttl': 1 },
      applyTo: 'queues',
      priority: 3,
    })
    expect(await limit.ready!(here.tools)).toBe('the policy of campaign-jobs is another one now (new)')
  })

  test('goes on after a crash between its halves', async () => {
    const here = world()
    const limit = await step(here)
    await limit.turn(here.tools, undefined)
    expect(await limit.ready!(here.tools)).toBeUndefined()
  })

  test.each([
    ['deletes its policy', undefined],
    [
      'restores the policy of its name',
      {
        name: 'tocsin-campaign-jobs',
        pattern: '^x$',
        definition: { 'message-ttl': 5 },
        applyTo: 'queues',
        priority: 2,
      },
    ],
  ])('and when it did not help, %s', async (_, before) => {
    const here = world()
    if (before) here.broker.policiesByName.set(before.name, before)
    const { nodes } = here.broker
    here.broker.nodes = async () => (await nodes()).map((node) => ({ ...node, blocked: true }))
    const ran = await run(here)
    expect(ran.health?.ok).toBe(false)
    expect(ran.steps.map(({ is }) => is)).toEqual(['done', 'done', 'done', 'undone', 'undone'])
    expect(ran.steps[4]!.text).toBe(
      '12,500 messages stay in s3://tocsin-evidence/INC-0001-1/campaign-jobs/, because campaign-jobs has no consumer: npx tocsin republish --run INC-0001-1 sends them back',
    )
    expect([...here.broker.policiesByName.values()]).toEqual(before ? [before] : [])
  })
})

test('a queue that its publishers fill up to the limit again is relieved all the same', async () => {
  const here = world({ grows: 240, published: 24 })
  const ran = await run(here, {})
  expect(here.broker.ids(QUEUE)).toHaveLength(2_600)
  const all = [...keptIn(here), ...here.broker.ids(QUEUE)]
  expect(all).toEqual(everything(all.length))
  expect(ran.health).toEqual({ ok: true, text: expect.stringContaining('it still has no consumer') as string })
})

test.each(['nodes', 'queues', 'policies', 'take', 'setPolicy'] as const)(
  'is denied %s: it says so, and nothing is lost',
  async (call) => {
    const here = world()
    here.broker.deny(call)
    const ran = await run(here)
    const words = [ran.stop, ...ran.steps.filter(({ is }) => is === 'failed').map(({ text }) => text)].join()
    expect(words).toContain(`may not ${call}`)
    expect([...keptIn(here), ...here.broker.ids(QUEUE)]).toEqual(everything())
  },
)

describe('its options', () => {
  test.each([
    [{ mode: 'shed', downTo: 20_000 }, 'downTo'],
    [{ mode: 'move' }, 'moveTo'],
    [{ minMessages: 0 }, 'minMessages'],
    [{ nope: 1 }, ''],
  ])('%j are a mistake', (given, key) => {
    const { error } = runbook.options.safeParse(given)
    expect(error?.issues[0]?.path.join('.')).toBe(key)
  })

  test.each<[Target, Record<string, unknown>, string | undefined]>([
    [{ rabbitmq: { broker: 'b', vhost: '/', queues: [] } }, {}, undefined],
    [{ rabbitmq: { api: 'http://a', amqp: 'amqp://b', vhost: '/', queues: [] } }, {}, undefined],
    [{ rabbitmq: { api: 'http://a', vhost: '/', queues: [] } }, {}, 'target.rabbitmq.broker'],
    [{ rabbitmq: { broker: 'b', vhost: '/', queues: [] } }, { mode: 'redrive' }, 'is for SQS'],
    [{ sqs: { queue: 'q' } }, {}, undefined],
    [{ sqs: { queue: 'q' } }, { mode: 'redrive' }, 'target.sqs.deadLetters'],
  ])('on %j with %j lack: %s', (target, options, words) => {
    const lacks = runbook.lacks!(target, runbook.options.parse(options))
    if (words === undefined) expect(lacks).toBeUndefined()
    else expect(lacks).toContain(words)
  })
})

test('may read its secret, and find its broker', () => {
  const place = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }
  const allowed = (rabbitmq: Partial<NonNullable<Target['rabbitmq']>>) =>
    runbook
      .permissions({ rabbitmq: { vhost: '/', queues: ['*'], ...rabbitmq } }, runbook.options.parse({}), place)
      .map(({ actions, resources }) => [...actions, ...resources])
  expect(allowed({ api: 'http://a', amqp: 'amqp://b' })).toEqual([])
  expect(allowed({ broker: 'studio', secret: 'broker/login' })).toEqual([
    ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:broker/login-??????'],
    ['mq:ListBrokers', '*'],
    ['mq:DescribeBroker', 'arn:aws:mq:eu-west-1:111122223333:broker:studio:*'],
  ])
  const arn = 'arn:aws:secretsmanager:us-east-1:1:secret:x-AbCdEf'
  expect(allowed({ secret: arn })).toEqual([['secretsmanager:GetSecretValue', arn]])
})
