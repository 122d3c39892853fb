// What a click needs at once: a message that only that person sees, and a dialog.
import type { Dialogs } from '../../ports/slack.ts'

/** Slack allows three seconds for everything; a URL that hangs must not use them up. */
const MOST_MS = 1500

/** The Web API's client is loaded when the first dialog opens: most clicks open none. */
export function slackDialogs(token: () => Promise<string>, apiUrl?: string): Dialogs {
  return {
    async whisper(responseUrl, text) {
      const answer = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
        signal: AbortSignal.timeout(MOST_MS),
      })
      if (!answer.ok) throw new Error(`Slack took no answer to a click: ${answer.status}`)
    },
    async open(triggerId, view) {
      const { slackClient } = await import('./client.ts')
      const client = slackClient({ token: await token(), timeoutMs: MOST_MS, apiUrl })
      await client.apiCall('views.open', { trigger_id: triggerId, view })
    },
  }
}
