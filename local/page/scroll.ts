/** Keeps a list at its newest end, unless the reader has scrolled up. */
import { useLayoutEffect, useRef } from 'react'

/** Closer to the end than this counts as being there. */
const NEAR_PX = 60

export function useStayAtEnd<Item extends HTMLElement>() {
  const ref = useRef<Item>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    if (isAtEnd.current && ref.current) ref.current.scrollTop = ref.current.scrollHeight
  })
  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = ref.current ?? {}
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX
  }
  return { ref, onScroll }
}
