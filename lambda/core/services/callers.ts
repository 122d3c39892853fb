// Who calls a service, and how long each waits for it.
import type { Service } from './config.ts'

/** How long each direct caller of a service waits, if the config says so. */
export const callersOf = (services: Readonly<Record<string, Service>>, id: string): Record<string, number> =>
  Object.fromEntries(
    Object.entries(services).flatMap(([caller, { dependsOn, timeoutSeconds }]) =>
      caller !== id && timeoutSeconds !== undefined && dependsOn.includes(id) ? [[caller, timeoutSeconds]] : [],
    ),
  )
