/** Who the person at the page is, kept in the address so that two windows can be two people. */
import { createContext, useContext, useState } from 'react'
import type { Snapshot } from '../slack/types.ts'

export function usePersonInAddress(): [string, (id: string) => void] {
  const [id, setId] = useState(() => decodeURIComponent(location.hash.slice(1)))
  const choose = (next: string) => {
    history.replaceState(null, '', `#${encodeURIComponent(next)}`)
    setId(next)
  }
  return [id, choose]
}

export const SlackContext = createContext<Snapshot | undefined>(undefined)

/** What the current person sees of Slack. */
export function useSlack(): Snapshot {
  const slack = useContext(SlackContext)
  if (!slack) throw new Error('useSlack outside of SlackContext')
  return slack
}
