/** A press that shows at once: pending until what it acts on changes, or until the app's error is there to show. */
import { useEffect, useRef, useState } from 'react'
import type { Option } from '../slack/types.ts'
import { order } from './client.ts'

/** A click that changes nothing visible counts as done after this long. */
const SETTLED_MS = 4000

export interface Chosen {
  value?: string
  selectedOption?: Option
  selectedOptions?: Option[]
}

export interface Press {
  /** "blockId/actionId" of what was pressed last and not yet answered by a change. */
  pending: string | undefined
  error: { key: string; text: string } | undefined
  press: (blockId: string, actionId: string, chosen?: Chosen) => void
}

/** `target` goes with every action (person and message, or modal); `version` differs when what is shown has changed. */
export function usePress(target: Record<string, string>, version: string): Press {
  const [pending, setPending] = useState<string>()
  const [error, setError] = useState<Press['error']>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    setPending(undefined)
    setError(undefined)
  }, [version])
  useEffect(() => () => clearTimeout(timer.current), [])

  const press = (blockId: string, actionId: string, chosen: Chosen = {}) => {
    if (pending) return
    const key = `${blockId}/${actionId}`
    const settle = () => setPending((now) => (now === key ? undefined : now))
    setPending(key)
    setError(undefined)
    void order('act', { ...target, blockId, actionId, ...chosen }).then((outcome) => {
      if (outcome.ok) {
        clearTimeout(timer.current)
        timer.current = setTimeout(settle, SETTLED_MS)
      } else {
        settle()
        setError({ key, text: outcome.error ?? 'This app failed.' })
      }
    })
  }
  return { pending, error, press }
}
