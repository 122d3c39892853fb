/** The fields of a modal: text, select menu, radio buttons and checkboxes. */
import type { Element, Option, StateValue } from '../../slack/types.ts'
import { optionsOf } from './elements.tsx'
import { Chevron } from '../icons.tsx'
import { Menu } from '../menu.tsx'

interface FieldProps {
  element: Element
  label: string
  value: StateValue | undefined
  onChange: (value: StateValue) => void
  /** The location of the error and the hint, for screen readers. */
  describedBy: string
  invalid: boolean
}

export function Field(props: FieldProps) {
  switch (props.element.type) {
    case 'static_select':
      return <SelectField {...props} />
    case 'radio_buttons':
    case 'checkboxes':
      return <Choices {...props} />
    default:
      return <TextField {...props} />
  }
}

function SelectField({ element, label, value, onChange, invalid }: FieldProps) {
  const chosen = value ? value.selected_option : (element.initial_option as Option | undefined)
  const placeholder = (element.placeholder as { text: string } | undefined)?.text ?? 'Choose an option'
  return (
    <Menu
      label={label}
      options={optionsOf(element)}
      selected={chosen?.value}
      onChoose={(option) => onChange({ type: 'static_select', selected_option: option })}
      className={chosen ? 'field select' : 'field select empty'}
      actionId={element.action_id ?? ''}
      invalid={invalid}
    >
      <span>{chosen?.text.text ?? placeholder}</span> <Chevron />
    </Menu>
  )
}

function Choices({ element, label, value, onChange, describedBy }: FieldProps) {
  const isMany = element.type === 'checkboxes'
  const initial = isMany ? element.initial_options : element.initial_option && [element.initial_option]
  const given = isMany ? value?.selected_options : value?.selected_option && [value.selected_option]
  const chosen = ((value ? given : initial) as Option[] | undefined) ?? []
  const isChosen = (option: Option) => chosen.some((other) => other.value === option.value)

  const toggle = (option: Option) => {
    if (!isMany) return onChange({ type: element.type, selected_option: option })
    const selected = optionsOf(element).filter((other) => (other.value === option.value) !== isChosen(other))
    onChange({ type: element.type, selected_options: selected })
  }

  return (
    <div role={isMany ? 'group' : 'radiogroup'} aria-label={label} aria-describedby={describedBy} className="choices">
      {optionsOf(element).map((option) => (
        <label key={option.value}>
          <input
            type={isMany ? 'checkbox' : 'radio'}
            name={element.action_id}
            checked={isChosen(option)}
            data-action-id={element.action_id}
            data-value={option.value}
            onChange={() => toggle(option)}
          />
          <span>
            {option.text.text}
            {option.description && <small>{option.description.text}</small>}
          </span>
        </label>
      ))}
    </div>
  )
}

const INPUT_TYPES: Record<string, string> = { number_input: 'number', email_text_input: 'email', url_text_input: 'url' }

function TextField({ element, label, value, onChange, describedBy, invalid }: FieldProps) {
  const text = (value ? value.value : (element.initial_value as string | undefined)) ?? ''
  const shared = {
    className: 'field',
    value: text,
    placeholder: (element.placeholder as { text: string } | undefined)?.text,
    'aria-label': label,
    'aria-describedby': describedBy,
    'aria-invalid': invalid,
    'data-action-id': element.action_id,
    onChange: (event: { target: { value: string } }) =>
      onChange({ type: element.type, value: event.target.value || null }),
  }
  return element.multiline === true ? (
    <textarea rows={4} {...shared} />
  ) : (
    <input type={INPUT_TYPES[element.type] ?? 'text'} {...shared} />
  )
}
