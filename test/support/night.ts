// A night on a virtual clock: alarms that arrive when they happen, or later.
import { checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { tellStory, type Story } from '../../replay/replay.ts'
import { world } from '../../replay/world.ts'
import { at, body, type Told } from './alarms.ts'

export const SERVICES = ['a', 'b', 'c', 'd', 'e', 'f']

export const configOf = (dependsOn: Record<string, string[]>): Config =>
  checkConfig({
    slack: { channel: 'x' },
    services: Object.fromEntries(SERVICES.map((id) => [id, { dependsOn: dependsOn[id] ?? [] }])),
    correlation: { windowSeconds: 600, flap: { changes: 3, withinSeconds: 900 } },
  })

export interface Arrival {
  one: Told
  /** Seconds after `START`. */
  arrives: number
}

/** Each message on its own, when it arrives; what falls due in between happens in between. */
export async function night(config: Config, arrivals: readonly Arrival[]): Promise<Story> {
  const played = world(config, at(0))
  const sorted = [...arrivals].sort((a, b) => a.arrives - b.arrives)
  for (const [i, { one, arrives }] of sorted.entries())
    played.clock.at(at(arrives), async () => void (await played.deliver([{ id: String(i), body: body(one) }])))
  await played.clock.run()
  return tellStory(played, [])
}

/** In the order in which it happened: of two alarms that fire in the same second, the first in the list comes first. */
export const onTime = (config: Config, told: readonly Told[]): Promise<Story> =>
  night(
    config,
    told.map((one) => ({ one, arrives: one.at! })),
  )
