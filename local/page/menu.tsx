/** A menu that opens from a button and is usable by keyboard: select menus and overflow menus are made of it. */
import { useEffect, useId, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import type { Option } from '../slack/types.ts'

interface Props {
  label: string
  children: ReactNode
  options: Option[]
  selected?: string | undefined
  onChoose: (option: Option) => void
  className: string
  actionId?: string
  disabled?: boolean
  invalid?: boolean
}

type Place = { left: number; width: number; top?: number; bottom?: number; maxHeight: number }

/** Below the button, or above it where there is more room. */
function placeAt(button: HTMLElement): Place {
  const { left, top, bottom, width } = button.getBoundingClientRect()
  const below = window.innerHeight - bottom
  const wide = Math.min(Math.max(width, 220), window.innerWidth - 16)
  const place = { left: Math.max(8, Math.min(left, window.innerWidth - wide - 8)), width: wide }
  if (below < 240 && top > below)
    return { ...place, bottom: window.innerHeight - top + 4, maxHeight: Math.min(320, top - 12) }
  return { ...place, top: bottom + 4, maxHeight: Math.min(320, below - 12) }
}

export function Menu({ label, children, options, selected, onChoose, className, actionId, disabled, invalid }: Props) {
  const [place, setPlace] = useState<Place>()
  const [active, setActive] = useState(0)
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const id = useId()
  const close = () => setPlace(undefined)

  const open = () => {
    if (disabled || !button.current) return
    setActive(
      Math.max(
        0,
        options.findIndex(({ value }) => value === selected),
      ),
    )
    setPlace(placeAt(button.current))
  }
  const choose = (option: Option | undefined) => {
    close()
    if (option) onChoose(option)
  }

  useEffect(() => {
    if (!place) return
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [place, active])

  useEffect(() => {
    if (!place) return
    const away = ({ target }: Event) => {
      const inside = target instanceof Node && (list.current?.contains(target) || button.current?.contains(target))
      if (!inside) close()
    }
    // The channel scrolls by itself when a message grows: the menu stays with its button.
    const follow = ({ target }: Event) => {
      if (button.current && target instanceof Node && target.contains(button.current)) setPlace(placeAt(button.current))
    }
    const ends = new AbortController()
    const { signal } = ends
    addEventListener('pointerdown', away, { signal })
    addEventListener('scroll', follow, { signal, capture: true })
    addEventListener('resize', close, { signal })
    return () => ends.abort()
  }, [place])

  function onKeyDown(event: KeyboardEvent) {
    const { key } = event
    if (!place) {
      if (key !== 'ArrowDown' && key !== 'ArrowUp') return
      event.preventDefault()
      return open()
    }
    const last = options.length - 1
    const moves: Record<string, number> = {
      ArrowDown: Math.min(active + 1, last),
      ArrowUp: Math.max(active - 1, 0),
      Home: 0,
      End: last,
    }
    const starts =
      key.length === 1 ? options.findIndex(({ text }) => text.text.toLowerCase().startsWith(key.toLowerCase())) : -1
    if (key === 'Tab') return close()
    if (key === 'Escape') close()
    else if (key === 'Enter' || key === ' ') choose(options[active])
    else if (moves[key] !== undefined) setActive(moves[key])
    else if (starts >= 0) setActive(starts)
    else return
    event.preventDefault()
  }

  return (
    <span className="menu">
      <button
        ref={button}
        type="button"
        role="combobox"
        aria-haspopup="listbox"
        aria-expanded={place !== undefined}
        aria-controls={id}
        aria-label={label}
        aria-activedescendant={place ? `${id}-${active}` : undefined}
        aria-disabled={disabled}
        aria-invalid={invalid}
        className={className}
        data-action-id={actionId}
        onClick={() => (place ? close() : open())}
        onKeyDown={onKeyDown}
      >
        {children}
      </button>
      {place && (
        <ul ref={list} id={id} role="listbox" aria-label={label} className="menu-list" style={place}>
          {options.map((option, index) => (
            <li
              key={option.value}
              id={`${id}-${index}`}
              role="option"
              aria-selected={option.value === selected}
              data-value={option.value}
              className={index === active ? 'active' : ''}
              onPointerMove={() => setActive(index)}
              onClick={() => choose(option)}
            >
              {option.text.text}
              {option.description && <small>{option.description.text}</small>}
            </li>
          ))}
        </ul>
      )}
    </span>
  )
}
