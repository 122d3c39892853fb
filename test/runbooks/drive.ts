// Drives a runbook as the frame does: look, then step by step until each is done, then whether it helped; takes back what failed.
import { Refused, type Tools } from '../../lambda/ports/tools.ts'
import type { Case, Runbook, Step } from '../../lambda/runbooks/runbook.ts'
import type { Clock } from './fakes/cloud.ts'

export interface Ran {
  found: string
  stop?: string
  steps: { name: string; is: 'done' | 'failed' | 'undone' | 'stuck'; text: string }[]
  health?: { ok: boolean; text: string }
}

export interface How {
  /** Every turn runs twice: the first time its end was not recorded. */
  twice?: boolean
  /** Called between the look and the first act. */
  before?: () => void
}

export async function drive(
  runbook: Runbook,
  about: Case<Record<string, unknown>>,
  tools: Tools,
  clock: Clock,
  { twice = false, before }: How = {},
): Promise<Ran> {
  const seen = await runbook.look(tools, about).catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error
    return { found: '', stop: error.message, facts: null }
  })
  const facts = JSON.parse(JSON.stringify(seen.facts ?? null)) as unknown
  const ran: Ran = { found: seen.found, ...(seen.stop !== undefined && { stop: seen.stop }), steps: [] }
  if (seen.stop !== undefined) return ran
  before?.()
  const steps = runbook.steps(facts, about)
  let failed = false
  for (const [place, step] of steps.entries()) {
    const went = await perform(step, 'done')
    ran.steps.push(went)
    if (went.is !== 'done') {
      failed = true
      await takeBack(place)
      break
    }
  }
  if (failed) return ran
  clock.now += (runbook.settleSeconds ?? 15) * 1000
  ran.health = await runbook.healthy(tools, about, facts)
  for (let waited = 0; !ran.health.ok && waited < 180; waited += 10) {
    clock.now += 10_000
    ran.health = await runbook.healthy(tools, about, facts)
  }
  if (!ran.health.ok) await takeBack(steps.length - 1)
  return ran

  async function takeBack(from: number): Promise<void> {
    for (const step of steps.slice(0, from + 1).reverse())
      if (step.undo) ran.steps.push(await perform(step.undo, 'undone'))
  }

  async function perform(step: Omit<Step, 'undo'>, as: 'done' | 'undone'): Promise<Ran['steps'][number]> {
    const { name, withinSeconds = 900 } = step
    try {
      const why = await step.ready?.(tools)
      if (why !== undefined) return { name, is: 'failed', text: why }
      let state: unknown
      for (const from = clock.now; clock.now - from <= withinSeconds * 1000;) {
        const known = state === undefined ? undefined : (JSON.parse(JSON.stringify(state)) as unknown)
        if (twice) {
          await step.turn(tools, known)
          const again = state === undefined ? await step.ready?.(tools) : undefined
          if (again !== undefined) return { name, is: 'failed', text: again }
        }
        const turn = await step.turn(tools, known)
        if ('done' in turn) return { name, is: as, text: turn.done }
        state = turn.state
        clock.now += Math.max(1, turn.againInSeconds) * 1000
      }
      return { name, is: 'stuck', text: `not done within ${withinSeconds} s` }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return { name, is: 'failed', text: error.message }
    }
  }
}
