// Who may decide is remembered for a while: clicks are quick, and work while Slack limits.
import { memoryTable } from '../../replay/memory.ts'
import { remembering } from '../../lambda/store/members.ts'

const MINUTE = 60_000

function given() {
  const table = memoryTable()
  const asked: string[] = []
  const now = { is: 1_000_000_000, fails: false, may: true }
  const answer = (key: string) => {
    asked.push(key)
    return now.fails ? Promise.reject(new Error('ratelimited')) : Promise.resolve(now.may)
  }
  const people = () =>
    // Each click may be in a process of its own.
    remembering(
      { isIn: (group, user) => answer(`${group} ${user}`), isFullMember: (user) => answer(user) },
      table,
      () => now.is,
    )
  return { table, asked, now, people }
}

test('is asked for once in five minutes, by whichever process', async () => {
  const { asked, now, people } = given()
  expect(await people().isIn('S1', 'U1')).toBe(true)
  now.is += 5 * MINUTE - 1
  expect(await people().isIn('S1', 'U1')).toBe(true)
  expect(asked).toEqual(['S1 U1'])
  now.is += 1
  await people().isIn('S1', 'U1')
  expect(asked).toHaveLength(2)
})

test('of each person, of each group, and of members apart', async () => {
  const { asked, people } = given()
  for (let times = 0; times < 2; times++) {
    await people().isIn('S1', 'U1')
    await people().isIn('S2', 'U1')
    await people().isIn('S1', 'U2')
    await people().isFullMember('U1')
  }
  expect(asked).toEqual(['S1 U1', 'S2 U1', 'S1 U2', 'U1'])
})

test('who may not is asked again: somebody may just have added them', async () => {
  const { now, people } = given()
  now.may = false
  expect(await people().isFullMember('U1')).toBe(false)
  now.may = true
  expect(await people().isFullMember('U1')).toBe(true)
})

test('while Slack does not answer, what it said within an hour counts', async () => {
  const { now, people } = given()
  await people().isIn('S1', 'U1')
  now.fails = true
  now.is += 60 * MINUTE - 1
  expect(await people().isIn('S1', 'U1')).toBe(true)
  await expect(people().isIn('S1', 'U2')).rejects.toThrow('ratelimited')
  now.is += 1
  await expect(people().isIn('S1', 'U1')).rejects.toThrow('ratelimited')
})

test('who was taken off decides no more once Slack has said so', async () => {
  const { now, people, table } = given()
  await people().isIn('S1', 'U1')
  now.may = false
  now.is += 6 * MINUTE
  expect(await people().isIn('S1', 'U1')).toBe(false)
  now.fails = true
  await expect(people().isIn('S1', 'U1')).rejects.toThrow('ratelimited')
  expect([...table.items()].every(({ pk }) => pk === 'SLACK')).toBe(true)
})
