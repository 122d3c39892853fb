/** The page's connection to its server: the live state in, orders out. */
import { useEffect, useState } from 'react'
import type { Outcome } from '../slack/index.ts'
import type { PageState } from './server/stage.ts'

export async function order(name: string, body: object = {}): Promise<Outcome> {
  try {
    const response = await fetch(`/ui/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return (await response.json()) as Outcome
  } catch {
    return { ok: false, error: 'The local server does not answer. Is it still running?' }
  }
}

/** What this person sees, live. The browser reconnects by itself when the server was away; a person
 * the server does not know ends with `onUnknown`. */
export function useLive(userId: string, onUnknown: () => void): { state?: PageState; connected: boolean } {
  const [state, setState] = useState<PageState>()
  const [connected, setConnected] = useState(true)
  useEffect(() => {
    const source = new EventSource(`/events${userId && `?user=${encodeURIComponent(userId)}`}`)
    source.onmessage = ({ data }: MessageEvent<string>) => setState(JSON.parse(data) as PageState)
    source.onopen = () => setConnected(true)
    source.onerror = () => {
      setConnected(false)
      if (source.readyState === EventSource.CLOSED && userId) onUnknown()
    }
    return () => source.close()
    // The connection depends on who is at the page, not on how the page was drawn.
  }, [userId])
  return { ...(state && { state }), connected }
}
