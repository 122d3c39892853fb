// A runbook for tests: one valve that leaks, three turns to close it; and a night with Tocsin in memory in which it is run.
import * as z from 'zod'
import { type ConfigInput, checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { isActive } from '../../lambda/core/incident/incident.ts'
import type { Run } from '../../lambda/core/incident/run.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { Refused } from '../../lambda/ports/tools.ts'
import type { ActionName } from '../../lambda/core/respond/actions/index.ts'
import { remediate } from '../../lambda/stages/remediate.ts'
import { defineRunbook, type Leaves, type Leftover, type Runbook } from '../../lambda/runbooks/runbook.ts'
import { everyIncident } from '../../replay/incidents.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { durably } from '../../replay/journal.ts'
import { world, type World } from '../../replay/world.ts'
import { at, body, START, type Told } from './alarms.ts'
import { Died } from '../../drill/world/faults.ts'

/** What the runbook acts on. Each act is written down. */
export interface Valve {
  open: number
  name: string
  /** Set if closing it does not stop the leak. */
  helps: boolean
  denied?: 'look' | 'act' | 'sign'
  /** What is left once it is closed. */
  left?: { sign?: true; leak?: true; tape?: true }
  acts: string[]
}

export const newValve = (): Valve => ({ open: 3, name: 'the main valve', helps: true, acts: [] })

const closing = (valve: Valve): Runbook =>
  defineRunbook<Record<string, unknown>, { turns: number }>({
    name: 'close-valve',
    title: 'Close the valve',
    needs: ['ec2'],
    destructive: true,
    leaves: leavesOf(valve),
    options: z.strictObject({}),
    lock: ({ ec2 }) => `valve:${ec2!.instances.join()}`,
    permissions: () => [],
    async look() {
      if (valve.denied === 'look') throw new Refused('the valve may not be looked at')
      return {
        found: `the valve is ${valve.open} turns open`,
        facts: { turns: valve.open },
        scope: { words: `${valve.open} turns of ${valve.name}`, on: { valve: valve.name } },
        ...(valve.open === 0 && { stop: 'the valve is closed already' }),
      }
    },
    steps: ({ turns }) => [
      {
        name: 'Close the valve',
        calls: [`turn right x${turns}`],
        touches: `${turns} turns`,
        async turn(_tools, state) {
          if (valve.denied === 'act') throw new Refused('the valve may not be turned')
          const done = (state as number | undefined) ?? 0
          // Looks before it acts: a retry of the same turn finds it done.
          if (valve.open > turns - done - 1) {
            valve.open -= 1
            valve.acts.push('right')
          }
          return done + 1 >= turns
            ? { done: `${turns} turns` }
            : { going: `${done + 1} of ${turns} turns`, againInSeconds: 5, state: done + 1 }
        },
        undo: {
          name: 'Open the valve again',
          calls: ['turn left'],
          touches: 'all turns',
          async turn() {
            if (valve.open < turns) valve.acts.push('left')
            valve.open = turns
            return { done: 'as before' }
          },
        },
      },
      {
        name: 'Put up a sign',
        calls: ['write'],
        touches: 'one sign',
        async turn() {
          if (!valve.acts.includes('sign')) valve.acts.push('sign')
          return { done: 'it says: closed' }
        },
      },
    ],
    healthy: async () => ({ ok: valve.open === 0 && valve.helps, text: `the valve is ${valve.open} turns open` }),
    verifySeconds: 60,
  })

/** The sign is taken down with a button, the leak is seen when somebody mends it, and the tape comes off by itself after an hour. */
const leavesOf = (valve: Valve): Leaves<Record<string, unknown>, { turns: number }, { of: string }> => ({
  about: () => ({ of: valve.name }),
  async look(tools, _about, { of }, before: readonly Leftover[]) {
    const { sign, leak, tape } = valve.left ?? {}
    const since = before.find(({ id }) => id === 'tape')?.since ?? tools.now()
    return {
      items: [
        ...(leak ? [{ id: 'leak', text: `mend the leak of ${of}` }] : []),
        ...(sign
          ? [{ id: 'sign', text: 'take the sign down', offer: { label: 'Take it down', question: 'The sign goes.' } }]
          : []),
        ...(tape ? [{ id: 'tape', text: 'take the tape off', since }] : []),
      ],
      ...(tape && tools.now() - since >= 3_600_000 && { ends: 'tape' }),
    }
  },
  step: (id) => ({
    async turn(_tools, state) {
      if (valve.denied === 'sign') throw new Refused('the sign is nailed on')
      if (state === undefined) return { going: 'on the way', againInSeconds: 5, state: 'there' }
      valve.acts.push(`remove ${id}`)
      delete valve.left![id as 'sign']
      return { done: 'done' }
    },
  }),
})

export interface Night {
  world: World
  valve: Valve
  /** Seconds after `START`. */
  alarm(seconds: number, told?: Partial<Told>): void
  /** `of`: which of the things that its newest run has left. */
  click(seconds: number, action: ActionName, user?: string, of?: string): void
  then(seconds: number, task: () => void | Promise<void>): void
  end(): Promise<Run[]>
}

export function configOf(rule: object = {}, more: Partial<ConfigInput> = {}): Config {
  const config = checkConfig({
    slack: { channel: '#incidents', approvers: [] },
    services: {
      cellar: { target: { ec2: { instances: ['i-1'] } } },
      attic: { target: { ec2: { instances: ['i-1'] } } },
    },
    ...more,
  })
  const about = { title: 'Close the valve', needs: ['ec2' as const], destructive: true }
  return {
    ...config,
    runbooks: [
      { runbook: 'close-valve', when: { signals: ['disk'] }, mode: 'suggest', approvals: 1, with: {}, about, ...rule },
    ],
  }
}

/** `process`: each execution's own outside world, so that it can die. */
export function night(config: Config, process?: (runtime: Runtime) => Runtime): Night {
  const valve = newValve()
  const runbooks = new Map([['close-valve', closing(valve)]])
  const played = world(config, START, process, (runtime, _runbook, order) =>
    durably(
      runtime.clock,
      (journal) =>
        remediate(
          { ...(process?.(played.runtime) ?? runtime), tools: () => ({ now: played.clock.now }) as never },
          journal,
          runbooks,
          order,
        ),
      (error) => error instanceof Died,
    ),
  )
  let line = 0
  return {
    world: played,
    valve,
    alarm(seconds, told = {}) {
      const message = body({ name: 'cellar/water', service: 'cellar', metric: 'DiskUsed', at: seconds, ...told })
      played.clock.at(at(seconds), async () => void (await played.deliver([{ id: String(++line), body: message }])))
    },
    click(seconds, action, user = 'U0ANA', of) {
      played.clock.at(at(seconds), async () => {
        const all = Object.values((await readBoard(played.runtime.table)).incidents)
        const incident = all.find(isActive) ?? all[0]
        // There may be nothing to click on yet.
        const choice = of === undefined ? {} : { choice: `${incident?.runs?.at(-1)?.id} ${of}` }
        if (incident) await played.click({ do: action, incident: incident.id, ...choice }, { id: user, name: user })
      })
    },
    then: (seconds, task) => played.clock.at(at(seconds), task),
    async end() {
      await played.clock.run()
      return [...(await everyIncident(played.table)).values()].flatMap(({ runs = [] }) => runs)
    },
  }
}
