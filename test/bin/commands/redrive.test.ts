// `tocsin redrive`: dead letters are shown first, leave only after they have been sent, and nothing is lost on the way.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { command } from '../../../bin/commands/redrive.ts'
import { deployed, type Deployed } from '../deployed.ts'
import { live, run } from '../in-process.ts'

let world: Deployed
beforeAll(async () => {
  world = await deployed()
  live(world.environment)
})
beforeEach(() => world.reset())
afterAll(() => world.close())

const because = (reason: string) => ({ MessageAttributes: { reason: { DataType: 'String', StringValue: reason } } })
const notice = (id: string) => ({ MessageGroupId: 'slack', MessageDeduplicationId: id })

test('without a yes and without a terminal it shows them, and leaves them where they are', async () => {
  await world.send('intake-dead', 'no JSON', because('it is not JSON'))
  const { code, stdout, stderr } = await run(command, [])
  expect(code).toBe(2)
  expect(stdout).toMatch(/Dead letters of intake: 1\n {2}1 {2}\d s old: it is not JSON\n {5}no JSON\n/)
  expect(stderr).toContain('nothing was changed: there is no terminal to ask in; add --yes to agree')
  expect(await world.visible('intake-dead')).toBe(1)
  expect(await world.visible('intake')).toBe(0)
})

test('a person who says no changes nothing either', async () => {
  await world.send('intake-dead', 'x')
  const { code, stderr } = await run(command, ['--queue', 'intake'], { answers: [false] })
  expect(code).toBe(1)
  expect(stderr).toContain('Nothing was changed.')
  expect(await world.visible('intake-dead')).toBe(1)
})

test('a yes sends all of them again, with their bodies, and says what may come back', async () => {
  await world.send('intake-dead', 'first', because('it is not JSON'))
  await world.send('intake-dead', 'second')
  const { code, stdout, stderr } = await run(command, [], { answers: [true] })
  expect(code).toBe(0)
  expect(stderr).toContain('This sends all 2 to intake again. 1 could not be read: unless')
  expect(stdout).toContain('2 messages sent to intake again.')
  expect(stdout).toContain('Dead letters of notices: none')
  expect([await world.visible('intake-dead'), await world.visible('intake')]).toEqual([0, 2])
  expect(world.aws.asked.map(({ operation }) => operation)).toEqual(['DescribeStacks'])
})

test('more than are held at once go in rounds', async () => {
  for (let i = 0; i < 130; i++) await world.send('intake-dead', `message ${i}`)
  const { code, stdout } = await run(command, ['--yes', '--queue', 'intake'])
  expect(code).toBe(0)
  expect(stdout).toContain('Dead letters of intake: 130')
  expect(stdout).toContain('and 120 more')
  expect(stdout).toContain('130 messages sent to intake again.')
  expect([await world.visible('intake-dead'), await world.visible('intake')]).toEqual([0, 130])
})

test('notices go back to their queue in order, of which a FIFO queue gives ten at a time', async () => {
  for (let i = 0; i < 12; i++) await world.send('notices-dead.fifo', `${i}`, notice(`n${i}`))
  const { code, stdout } = await run(command, ['--yes', '--queue', 'notices'])
  expect(code).toBe(0)
  expect(stdout).toContain('12 messages sent to notices again.')
  expect([await world.visible('notices-dead.fifo'), await world.visible('notices.fifo')]).toEqual([0, 12])
})

test('--discard deletes, and says that it is for ever', async () => {
  await world.send('intake-dead', 'x')
  const { code, stdout, stderr } = await run(command, ['--discard', '--yes', '--queue', 'intake'])
  expect(code).toBe(0)
  expect(stderr).toContain('This deletes it for ever')
  expect(stdout).toContain('1 message deleted.')
  expect([await world.visible('intake-dead'), await world.visible('intake')]).toEqual([0, 0])
})

test('what is shown cannot steer the terminal', async () => {
  // SQS accepts no escape character, but does accept others that terminals and readers obey.
  await world.send('intake-dead', `\u009b31m red \u202e ${'long '.repeat(50)}\nnext`, because('it is not JSON'))
  const { stdout } = await run(command, ['--queue', 'intake', '--yes'])
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('where the queue takes no message, the dead letters stay', async () => {
  await world.send('intake-dead', 'precious')
  const { Stacks } = world.aws.answers['DescribeStacks'] as {
    Stacks: { member: { Outputs: { member: { OutputKey: string; OutputValue: string }[] } } }
  }
  const queue = Stacks.member.Outputs.member.find(({ OutputKey }) => OutputKey === 'IntakeQueueUrl')!
  queue.OutputValue = queue.OutputValue.replace(/intake$/, 'gone')
  await expect(run(command, ['--yes', '--queue', 'intake'])).rejects.toThrow(/queue does not exist/i)
  expect(await world.visible('intake-dead')).toBe(1)
})

test('a queue that does not exist is a mistake', async () => {
  const { code, stderr } = await run(command, ['--queue', 'nope'])
  expect(code).toBe(2)
  expect(stderr).toContain('there is no queue "nope"; write --queue intake or --queue notices')
})
