// What a run in a test builds on: a board in memory, a config that lets the runbook run by itself, and the alarms it is about.
import { checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import type { RunOrder } from '../../lambda/ports/runs.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import type { Tools } from '../../lambda/ports/tools.ts'
import type { Case, Runbook } from '../../lambda/runbooks/runbook.ts'
import { memoryTable } from '../../replay/memory.ts'
import type { Told } from './alarms.ts'

export interface Given {
  runbook: Runbook
  about: Case<Record<string, unknown>>
  tools: Tools
  /** The clock that the fakes use. */
  clock: { now: number }
}

type Slice = Omit<Runtime, 'chat' | 'dialogs' | 'secrets' | 'people'>

export function runtimeOf({ runbook, about, tools, clock }: Given, start: (order: RunOrder) => Promise<void>): Slice {
  const sleep = async (ms: number): Promise<void> => void (clock.now += ms)
  return {
    table: memoryTable(),
    clock: { now: () => clock.now, sleep, sleepUpTo: sleep },
    rules: rulesOf(configOf(runbook, about)),
    tools: () => tools,
    runs: { start: (_runbook, order) => start(order) },
    timers: { wake: async () => undefined, tell: async () => undefined },
    notices: { changed: async () => undefined },
    deadLetters: { keep: (_body, reason) => Promise.reject(new Error(reason)) },
    log: () => undefined,
  }
}

function configOf(
  { name, title, needs, destructive, signals: answers }: Runbook,
  about: Case<Record<string, unknown>>,
): Config {
  const { service, target, options, callers = {}, signals } = about
  const config = checkConfig({
    slack: { channel: '#incidents', approvers: [] },
    services: {
      [service]: { alarms: [{ name: '*' }] },
      ...Object.fromEntries(
        Object.entries(callers).map(([id, timeoutSeconds]) => [id, { dependsOn: [service], timeoutSeconds }]),
      ),
    },
    signals: signals.map((signal) => ({ metric: signal, signal })),
  })
  return {
    ...config,
    services: { ...config.services, [service]: { ...config.services[service]!, target } },
    runbooks: [
      {
        runbook: name,
        when: { service, ...(answers && { signals: [...answers] }) },
        mode: 'auto',
        approvals: 1,
        with: options,
        about: { title, needs, destructive },
      },
    ],
  }
}

/** One for each signal; the first is the one that the run names. */
export const alarmsOf = ({ signals, alarm }: Case<unknown>): (Told & { name: string })[] =>
  signals.map((signal, place) => ({
    name: place === 0 ? alarm.name : `${alarm.name} ${signal}`,
    metric: signal,
    dimensions: alarm.dimensions,
  }))
