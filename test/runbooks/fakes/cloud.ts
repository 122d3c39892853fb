// AWS as runbooks see it: whatever services a test has, each call recorded, on a clock that only moves when told.
import { Refused, type Cloud, type CloudService, type Tools } from '../../../lambda/ports/tools.ts'

export const NOON = Date.parse('2024-05-14T12:00:00Z')
/** When what a run is about began. */
export const SINCE = NOON + 600_000

export interface Clock {
  now: number
}

/** Each declares which of its input it reads. */
export type Actions = Record<string, (input: never) => unknown>

export interface Call {
  service: CloudService
  action: string
  input: Record<string, unknown>
}

export interface FakeCloud extends Cloud {
  calls: Call[]
  /** From now on this call is denied. */
  deny(action: string): void
}

/** `before` runs before each call. */
export function fakeCloud(
  services: Partial<Record<CloudService, Actions>>,
  before: () => void = () => undefined,
): FakeCloud {
  const denied = new Set<string>()
  const calls: Call[] = []
  return {
    calls,
    deny: (action) => void denied.add(action),
    async call<Output>(service: CloudService, action: string, input: Record<string, unknown>): Promise<Output> {
      before()
      calls.push({ service, action, input })
      if (denied.has(action)) throw new Refused(`${service} ${action}: Tocsin's role may not do this; allow it`)
      const answer = services[service]?.[action]
      if (!answer) throw new Error(`the fake ${service} does not know ${action}`)
      return structuredClone(answer(input as never)) as Output
    },
  }
}

export const unused = (name: string): never =>
  new Proxy({} as never, {
    get: () => {
      throw new Error(`this runbook must not use the ${name}`)
    },
  })

export const toolsOf = (cloud: Cloud, clock: Clock): Tools => ({
  cloud,
  broker: unused('broker'),
  evidence: unused('evidence'),
  now: () => clock.now,
  pause: async (seconds) => void (clock.now += seconds * 1000),
})
