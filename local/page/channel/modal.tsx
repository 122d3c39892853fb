/** A modal the app has opened: its blocks, its fields, and the app's answer to a submission. */
import { useId, useState } from 'react'
import type { FormEvent } from 'react'
import type { Outcome } from '../../slack/index.ts'
import type { Block, Element, StateValues, View } from '../../slack/types.ts'
import { Blocks } from './blocks.tsx'
import { order } from '../client.ts'
import { Dialog } from '../dialog.tsx'
import { Field } from './fields.tsx'
import { Warning } from '../icons.tsx'
import { usePress } from '../press.ts'

type Text = { text: string } | undefined

export function Modal({ view, userId }: { view: View; userId: string }) {
  const [values, setValues] = useState<StateValues>(view.state.values)
  const [outcome, setOutcome] = useState<Outcome>({ ok: true })
  const [isSending, setSending] = useState(false)
  const press = usePress({ userId, viewId: view.id }, view.hash)

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (isSending) return
    setSending(true)
    const answer = await order('submit', { userId, viewId: view.id, values })
    setSending(false)
    setOutcome(answer)
  }

  return (
    <Dialog title={view.title.text} onClose={() => void order('close', { userId, viewId: view.id })}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <div className="dialog-body">
          {view.blocks.map((block) =>
            block.type === 'input' ? (
              <Input
                key={block.block_id}
                block={block}
                values={values}
                onChange={setValues}
                error={outcome.errors?.[block.block_id ?? '']}
              />
            ) : (
              <Blocks key={block.block_id} blocks={[block]} press={press} />
            ),
          )}
          {outcome.error && (
            <p className="field-error" role="alert">
              <Warning /> {outcome.error}
            </p>
          )}
        </div>
        <footer>
          <button type="button" className="button" onClick={() => void order('close', { userId, viewId: view.id })}>
            {view.close?.text ?? 'Cancel'}
          </button>
          {view.submit && (
            <button type="submit" className="button filled primary" aria-busy={isSending} aria-disabled={isSending}>
              {isSending && <span className="spinner" role="status" aria-label="Sending" />}
              {view.submit.text}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  )
}

interface InputProps {
  block: Block
  values: StateValues
  onChange: (change: (values: StateValues) => StateValues) => void
  error: string | undefined
}

function Input({ block, values, onChange, error }: InputProps) {
  const id = useId()
  const element = block.element as Element
  const [blockId, actionId] = [block.block_id ?? '', element.action_id ?? '']
  const label = (block.label as Text)?.text ?? ''
  const hint = (block.hint as Text)?.text
  return (
    <div className="input" data-block-id={blockId}>
      <p className="input-label">
        {label} {block.optional === true && <span>(optional)</span>}
      </p>
      <Field
        element={element}
        label={label}
        value={values[blockId]?.[actionId]}
        onChange={(value) => onChange((all) => ({ ...all, [blockId]: { ...all[blockId], [actionId]: value } }))}
        describedBy={id}
        invalid={error !== undefined}
      />
      <div id={id}>
        {error && (
          <p className="field-error" role="alert">
            <Warning /> {error}
          </p>
        )}
        {hint && <p className="hint">{hint}</p>}
      </div>
    </div>
  )
}
