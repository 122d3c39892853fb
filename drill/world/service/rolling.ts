// What a deployment does next: how many workers it starts, as far as the maximum allows, and which it stops, as far as the minimum allows.
import type { Fleet } from './fleet.ts'
import type { Worker } from './worker.ts'

export interface Next {
  start: number
  stop: Worker[]
  isDone: boolean
}

export function nextOf({ workers, desired, deployments, pace }: Fleet): Next {
  const newest = deployments[0]!.id
  const running = workers.filter(({ state }) => state !== 'stopping')
  const own = running.filter(({ deployment }) => deployment === newest)
  const old = running.filter(({ deployment }) => deployment !== newest)
  const most = Math.max(desired, Math.floor((desired * pace.maximumPercent) / 100))
  const least = Math.min(desired, Math.ceil((desired * pace.minimumHealthyPercent) / 100))
  const ready = running.filter(({ state }) => state === 'ready').length
  return {
    start: Math.max(0, Math.min(most - running.length, desired - own.length)),
    stop: [...dispensable(old, ready - least), ...own.slice(desired)],
    isDone: own.length === desired && own.every(({ state }) => state === 'ready') && old.length === 0,
  }
}

/** Those up to the one with which too few would be ready. */
function dispensable(old: Worker[], spare: number): Worker[] {
  let left = spare
  const end = old.findIndex(({ state }) => state === 'ready' && left-- <= 0)
  return end === -1 ? old : old.slice(0, end)
}
