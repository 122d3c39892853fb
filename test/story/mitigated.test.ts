// Relief is not the end: what a fix leaves to do keeps the incident open, reminds whoever approved, and is done with a button, by people, or by itself.
import { Died, mortalityOf, processOf, wrapped } from '../../drill/world/faults.ts'
import { isActive, type Incident } from '../../lambda/core/incident/incident.ts'
import { isMitigated } from '../../lambda/core/incident/mitigated.ts'
import { everyIncident } from '../../replay/incidents.ts'
import { postedIn } from '../../replay/replay.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { configOf, night, type Night, type Valve } from '../support/runbook.ts'

const HOUR = 3_600
const GRACE = 300

/** The water rises, somebody approves, it falls, and this is left. */
function relieved(left: NonNullable<Valve['left']>, process?: (runtime: Runtime) => Runtime): Night {
  const played = night(configOf(), process)
  played.valve.left = left
  played.alarm(0)
  played.click(30, 'approve')
  played.alarm(60, { state: 'OK' })
  return played
}

const only = async ({ world }: Night): Promise<Incident> => [...(await everyIncident(world.table)).values()][0]!
const at = async (played: Night, seconds: number, see: (incident: Incident) => unknown): Promise<unknown> => {
  let seen: unknown
  played.then(seconds, async () => void (seen = see(await only(played))))
  await played.end()
  return seen
}
const told = ({ timeline }: Incident, kind: string): string[] =>
  timeline.filter((entry) => entry.kind === kind).map(({ text }) => text)

test('it is mitigated, and stays open until the list is empty; then it resolves after the grace time', async () => {
  const played = relieved({ leak: true })
  let open: Incident | undefined
  played.then(2 * HOUR, async () => void (open = await only(played)))
  played.then(2 * HOUR + 1, () => void delete played.valve.left!.leak)
  const [run] = await played.end()
  expect([open!.status, isMitigated(open!), run!.status]).toEqual(['open', true, 'succeeded'])
  const ended = await only(played)
  expect([ended.status, run!.left]).toEqual(['resolved', undefined])
  expect(told(ended, 'mitigated')).toEqual(['Mitigated, not over. Left to do: mend the leak of the main valve'])
  expect(told(ended, 'left')).toEqual(['No longer left to do: mend the leak of the main valve'])
  // It is looked at every five minutes by then.
  const { at: mitigatedAt, until } = ended.mitigated!
  expect(until! - mitigatedAt).toBeGreaterThan((2 * HOUR - 120) * 1000)
  expect(until! - mitigatedAt).toBeLessThan((2 * HOUR + 400) * 1000)
  expect(ended.resolved!.at).toBe(until! + GRACE * 1000)
})

test('it does not resolve while the run is under way, however long ago the alarms recovered', async () => {
  const config = configOf({}, { correlation: { resolveGraceSeconds: 5 } })
  const played = night(config)
  played.valve.left = { leak: true }
  played.alarm(0)
  played.click(30, 'approve')
  // The first turn has helped already.
  played.alarm(32, { state: 'OK' })
  played.then(HOUR, () => void delete played.valve.left!.leak)
  await played.end()
  const incident = await only(played)
  expect(told(incident, 'resolved')).toHaveLength(1)
  expect(incident.mitigated!.at).toBeGreaterThanOrEqual(incident.runs![0]!.endedAt!)
})

test('without anything left it resolves as ever', async () => {
  const played = relieved({})
  await played.end()
  const { mitigated, status, timeline } = await only(played)
  expect([mitigated, status]).toEqual([undefined, 'resolved'])
  expect(timeline.map(({ kind }) => kind)).not.toContain('left nothing')
})

test('whoever approved is called, again every four hours, and nobody else is woken', async () => {
  const config = configOf({}, { escalation: [{ afterSeconds: 600, notify: ['U0ONCALL'] }] })
  const played = night(config)
  played.valve.left = { leak: true }
  played.alarm(0)
  played.click(30, 'approve', 'U0BEN')
  played.alarm(60, { state: 'OK' })
  played.then(9 * HOUR, () => void delete played.valve.left!.leak)
  await played.end()
  const incident = await only(played)
  expect(told(incident, 'reminded')).toHaveLength(2)
  expect(told(incident, 'escalated')).toEqual([])
  const mentions = postedIn(played.world).filter(({ blocks }) => JSON.stringify(blocks).includes('<@U0BEN>'))
  const calls = mentions.filter(({ threadTs }) => threadTs !== undefined)
  expect(calls.length).toBeGreaterThanOrEqual(3)
  expect(JSON.stringify(postedIn(played.world))).not.toContain('U0ONCALL>')
})

test('an alarm that fires again makes it open, and it waits for somebody anew', async () => {
  const played = relieved({ leak: true })
  played.click(120, 'acknowledge')
  played.alarm(HOUR)
  played.alarm(2 * HOUR, { state: 'OK' })
  played.then(2 * HOUR, () => void delete played.valve.left!.leak)
  const seen = await at(played, HOUR + 60, (incident) => [
    incident.status,
    isMitigated(incident),
    incident.acknowledged,
  ])
  expect(seen).toEqual(['open', false, undefined])
  const incident = await only(played)
  expect(told(incident, 'reopened')).toEqual(['Open again: an alarm fires, and the fix has not held'])
})

describe('a button', () => {
  test('does one of them, once, and says who asked for it', async () => {
    const played = relieved({ sign: true })
    played.click(200, 'do-left', 'U0ANA', 'sign')
    played.click(201, 'do-left', 'U0BEN', 'sign')
    await played.end()
    expect(played.valve.acts.filter((act) => act === 'remove sign')).toHaveLength(1)
    const incident = await only(played)
    expect(told(incident, 'left')).toEqual([
      'Take it down: asked for by U0ANA',
      'Take it down: done',
      'No longer left to do: take the sign down',
    ])
    expect(incident.status).toBe('resolved')
  })

  test('that fails says why, and it is still left', async () => {
    const played = relieved({ sign: true })
    played.valve.denied = 'sign'
    played.click(200, 'do-left', 'U0ANA', 'sign')
    played.then(HOUR, () => void delete played.valve.left!.sign)
    const seen = await at(played, 400, ({ runs }) => runs![0]!.left?.failed)
    expect(seen).toEqual({ id: 'sign', why: 'the sign is nailed on' })
    expect(told(await only(played), 'left')[1]).toBe('Take it down: could not be done: the sign is nailed on')
  })
})

test('what ends by itself ends once, after its time', async () => {
  const played = relieved({ tape: true })
  await played.end()
  expect(played.valve.acts.filter((act) => act === 'remove tape')).toHaveLength(1)
  const incident = await only(played)
  expect(incident.mitigated!.until! - incident.mitigated!.at).toBeGreaterThan(3_600_000)
  expect(incident.status).toBe('resolved')
})

test('who resolves it is asked, and what was left is written down', async () => {
  const played = relieved({ leak: true })
  played.click(HOUR, 'resolve')
  await played.end()
  const incident = await only(played)
  expect(isActive(incident)).toBe(false)
  expect(told(incident, 'resolved')).toEqual(['Resolved by U0ANA. Left to do: mend the leak of the main valve'])
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])('processes that die change nothing of that (%d)', async (seed) => {
  const mortality = mortalityOf(seed)
  const dying = (runtime: Runtime): Runtime => ({
    ...runtime,
    table: wrapped('table', runtime.table, processOf(mortality)),
  })
  const played = night(configOf(), dying)
  played.valve.left = { sign: true, leak: true, tape: true }
  played.alarm(0)
  // A click that dies with its process is clicked again.
  for (const seconds of [60, 120, 180, 240, 300]) played.click(seconds, 'approve')
  played.alarm(360, { state: 'OK' })
  for (const seconds of [1200, 1260, 1320, 1380]) played.click(seconds, 'do-left', 'U0ANA', 'sign')
  played.then(2 * HOUR, () => void delete played.valve.left!.leak)
  await played.end().catch((error: unknown) => {
    if (!(error instanceof Died)) throw error
  })
  expect((await only(played)).status).toBe('resolved')
  expect(played.valve.left).toEqual({})
})
