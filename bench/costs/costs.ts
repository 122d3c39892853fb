// What does Tocsin cost? Counts what storms, a calm month and an idle month use of AWS, on the real stages, and multiplies by list prices.
import { cpuMsOfCall } from './cpu.ts'
import { deployed as deployedNow } from './deployed.ts'
import type { Options } from '../measure.ts'
import { CPU_MS } from './meter.ts'
import { listCosts, monthCosts, sum, total, type Usage } from './prices.ts'
import { alone, besideOpen, calmMonth, idleMonth, million, OPEN, STORMS, type Beside } from './scenarios.ts'

export interface Cost {
  what: string
  usage: Usage
  /** USD at list prices. */
  list: number
  /** USD after what is free each month, on top of an idle month. */
  afterFree: number
}

export interface CostFigures {
  idle: Cost
  thousand: Cost
  millions: Cost[]
  /** Write units of one alarm alone, until it is told. */
  alone: number
  /** A million alarms within an hour, while so many incidents are open. `list`: USD. */
  open: (Beside & { list: number })[]
  /** Of one AWS call: on this machine, and as counted. */
  cpu: { measuredMs: number; assumedMs: number }
}

export async function measure({ quick, progress }: Options): Promise<CostFigures> {
  progress('costs: CPU time of a call')
  const cpu = { measuredMs: await cpuMsOfCall(quick ? 200 : 1000), assumedMs: CPU_MS.call }
  return { ...(await countCosts({ progress })), cpu }
}

/** The same in every run. */
export async function countCosts({ progress }: Pick<Options, 'progress'>): Promise<Omit<CostFigures, 'cpu'>> {
  progress('costs: reading the template')
  const deployed = deployedNow()
  return withEvenChance(async () => {
    progress('costs: an idle month')
    const idle = await idleMonth(deployed)
    progress('costs: 1,000 alarms')
    const calm = await calmMonth(deployed)
    const millions: Cost[] = []
    for (const of of STORMS) {
      progress(`costs: ${of.what}`)
      millions.push(costOf(of.what, await million(deployed, of), idle))
    }
    const open: CostFigures['open'] = []
    for (const incidents of OPEN) {
      progress(`costs: a million alarms beside ${incidents} open incidents`)
      const found = await besideOpen(deployed, incidents)
      open.push({ ...found, list: total(listCosts(found.usage)) })
    }
    const free = total(monthCosts(idle))
    return {
      idle: { what: 'idle', usage: idle, list: total(listCosts(idle)), afterFree: free },
      thousand: costOf('1,000 alarms in a month', calm, idle),
      millions,
      alone: await alone(deployed),
      open,
    }
  })
}

const costOf = (what: string, usage: Usage, idle: Usage): Cost => ({
  what,
  usage,
  list: total(listCosts(usage)),
  afterFree: total(monthCosts(sum(idle, usage))) - total(monthCosts(idle)),
})

/** Stages that write the same thing at once wait a random time before they retry: here it is always the same. */
async function withEvenChance<T>(run: () => Promise<T>): Promise<T> {
  const { random } = Math
  let turn = 0
  Math.random = () => (turn = (turn + 0.618) % 1)
  try {
    return await run()
  } finally {
    Math.random = random
  }
}
