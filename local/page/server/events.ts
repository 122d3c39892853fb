/** Keeps every open page up to date: the whole state over server-sent events, at most ten times a second. */
import type { ServerResponse } from 'node:http'
import type { PretendSlack } from '../../slack/index.ts'
import type { Incident, PageState, Stage } from './stage.ts'

export const GAP_MS = 100
export const HEARTBEAT_MS = 15_000

export interface Events {
  /** Sends the state now and on every change, until the page is closed. */
  add: (res: ServerResponse, userId: string) => void
  close: () => void
}

export function createEvents(slack: PretendSlack, stage: Stage): Events {
  const open = new Map<ServerResponse, string>()
  let incidents: Incident[] = []
  let timer: NodeJS.Timeout | undefined
  let sending = false
  let again = false

  const stateFor = (userId: string): PageState => ({
    slack: slack.snapshot(userId),
    scenarios: stage.scenarios,
    worlds: stage.worlds,
    ...stage.status(),
    incidents,
  })

  async function send(): Promise<void> {
    timer = undefined
    if (open.size === 0) return
    sending = true
    // While the incidents cannot be read, the page goes on showing the last ones.
    incidents = await stage.incidents().catch(() => incidents)
    sending = false
    for (const [res, userId] of open) write(res, userId)
    if (again) {
      again = false
      soon()
    }
  }

  function soon(): void {
    if (sending) again = true
    else timer ??= setTimeout(() => void send(), GAP_MS)
  }

  function write(res: ServerResponse, userId: string): void {
    // A page that does not read (a sleeping tab) gets the next state instead of a growing queue of old ones.
    if (res.writableNeedDrain) return void res.once('drain', soon)
    res.write(`data: ${JSON.stringify(stateFor(userId))}\n\n`)
  }

  const unsubscribe = [slack.subscribe(soon), stage.subscribe(soon)]
  const heartbeat = setInterval(() => open.forEach((_userId, res) => res.write(': still here\n\n')), HEARTBEAT_MS)

  return {
    add(res, userId) {
      open.set(res, userId)
      res.on('close', () => open.delete(res))
      write(res, userId)
      soon()
    },
    close() {
      clearInterval(heartbeat)
      clearTimeout(timer)
      unsubscribe.forEach((end) => end())
      open.forEach((_userId, res) => res.end())
    },
  }
}
