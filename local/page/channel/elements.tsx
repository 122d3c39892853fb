/** Interactive elements, which the block library draws but does not connect: buttons, select menus and overflow menus. */
import { useState } from 'react'
import type { Element, Option } from '../../slack/types.ts'
import { Confirm } from '../dialog.tsx'
import type { ConfirmObject } from '../dialog.tsx'
import { Chevron, Dots, Warning } from '../icons.tsx'
import { Menu } from '../menu.tsx'
import type { Chosen, Press } from '../press.ts'

type Text = { text: string } | undefined

export function optionsOf(element: Element): Option[] {
  const groups = (element.option_groups as { options: Option[] }[] | undefined) ?? []
  return [...((element.options as Option[] | undefined) ?? []), ...groups.flatMap(({ options }) => options)]
}

export function ActionElement({ element, blockId, press }: { element: Element; blockId: string; press: Press }) {
  const [asking, setAsking] = useState<Chosen>()
  const actionId = element.action_id ?? ''
  const key = `${blockId}/${actionId}`
  const confirm = element.confirm as ConfirmObject | undefined
  const isPending = press.pending === key
  const act = (chosen: Chosen = {}) => (confirm ? setAsking(chosen) : press.press(blockId, actionId, chosen))

  return (
    <span className="element" data-pending={isPending || undefined}>
      <Control element={element} act={act} isPending={isPending} isBusy={press.pending !== undefined} />
      {press.error?.key === key && (
        <span className="element-error" role="alert">
          <Warning /> {press.error.text}
        </span>
      )}
      {confirm && asking && (
        <Confirm
          ask={confirm}
          onNo={() => setAsking(undefined)}
          onYes={() => {
            setAsking(undefined)
            press.press(blockId, actionId, asking)
          }}
        />
      )}
    </span>
  )
}

interface ControlProps {
  element: Element
  act: (chosen?: Chosen) => void
  isPending: boolean
  isBusy: boolean
}

function Control({ element, act, isPending, isBusy }: ControlProps) {
  const actionId = element.action_id ?? ''
  const choose = (selectedOption: Option) => act({ selectedOption })
  switch (element.type) {
    case 'button':
      return <Button element={element} act={act} isPending={isPending} isBusy={isBusy} />
    case 'static_select': {
      const initial = element.initial_option as Option | undefined
      const placeholder = (element.placeholder as Text)?.text ?? 'Choose an option'
      return (
        <Menu
          label={placeholder}
          options={optionsOf(element)}
          selected={initial?.value}
          onChoose={choose}
          className="button select"
          actionId={actionId}
          disabled={isBusy}
        >
          {isPending ? <Spinner /> : null}
          {initial?.text.text ?? placeholder} <Chevron />
        </Menu>
      )
    }
    case 'overflow':
      return (
        <Menu
          label="More actions"
          options={optionsOf(element)}
          onChoose={choose}
          className="button overflow"
          actionId={actionId}
          disabled={isBusy}
        >
          {isPending ? <Spinner /> : <Dots />}
        </Menu>
      )
    default:
      return <span className="unsupported">({element.type} is not shown here)</span>
  }
}

function Button({ element, act, isPending, isBusy }: ControlProps) {
  const { style, url, action_id } = element as { style?: string; url?: string; action_id?: string }
  const shared = { className: `button ${style ?? ''}`, 'data-action-id': action_id, 'aria-busy': isPending }
  const text = (element.text as Text)?.text
  const label = (element.accessibility_label as string | undefined) ?? undefined
  // A link opens and is also reported to the app, as in Slack.
  if (url && /^https?:/.test(url))
    return (
      <a {...shared} href={url} target="_blank" rel="noreferrer noopener" aria-label={label} onClick={() => act()}>
        {text}
      </a>
    )
  return (
    <button {...shared} type="button" aria-label={label} aria-disabled={isBusy} onClick={() => !isBusy && act()}>
      {isPending && <Spinner />}
      {text}
    </button>
  )
}

const Spinner = () => <span className="spinner" role="status" aria-label="Sending" />
