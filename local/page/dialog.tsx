/** Dialogs over the page: focus goes in, stays in, and comes back; Escape closes. */
import { useLayoutEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import { Text } from './channel/text.tsx'
import { Cross } from './icons.tsx'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
}

export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    shown?.querySelector<HTMLElement>('[data-first], input, textarea, [role=combobox]')?.focus()
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      role="dialog"
      aria-modal="true"
      aria-label={title}
      className="dialog"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <Cross />
        </button>
      </header>
      {children}
    </dialog>
  )
}

/** Slack's confirm object. */
export interface ConfirmObject {
  title: { text: string }
  text: { type: string; text: string }
  confirm?: { text: string }
  deny?: { text: string }
  style?: 'primary' | 'danger'
}

export function Confirm({ ask, onYes, onNo }: { ask: ConfirmObject; onYes: () => void; onNo: () => void }) {
  return (
    <Dialog title={ask.title.text} onClose={onNo}>
      <div className="dialog-body">
        <Text {...ask.text} />
      </div>
      <footer>
        <button type="button" className="button" onClick={onNo}>
          {ask.deny?.text ?? 'Cancel'}
        </button>
        <button type="button" className={`button filled ${ask.style ?? 'primary'}`} data-first onClick={onYes}>
          {ask.confirm?.text ?? 'Yes'}
        </button>
      </footer>
    </Dialog>
  )
}
