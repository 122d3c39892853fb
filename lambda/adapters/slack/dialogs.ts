// What a click needs at once: a message that only that person sees, and a dialog.
import type { Dialogs } from '../../ports/slack.ts'

/** Slack allows three seconds for everything; a URL that hangs must not use them up. */
const MOST_MS = 1500

/** Where Slack takes answers to clicks; that of GovSlack is another. https://docs.slack.dev/interactivity/handling-user-interaction */
const HOSTS = ['hooks.slack.com', 'hooks.slack-gov.com']

/** The Web API's client is loaded when the first dialog opens: most clicks open none. */
export function slackDialogs(token: () => Promise<string>, apiUrl?: string): Dialogs {
  return {
    async whisper(responseUrl, text) {
      if (!isSlacks(responseUrl, apiUrl)) throw new Error('the address for the answer to a click is not one of Slack’s')
      const answer = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
        // Slack's own never send elsewhere.
        redirect: 'error',
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

/** `apiUrl`: a Slack that is not Slack's takes answers where it is itself. */
function isSlacks(url: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host, hostname } = new URL(url)
  if (apiUrl !== undefined) return hostname === new URL(apiUrl).hostname
  return protocol === 'https:' && HOSTS.includes(host)
}
