/** The smallest checks of Block Kit: texts, lengths, lists and ids, with Slack's limits in one place. */

export type Json = Record<string, unknown>

export type Report = (problem: string, path: string) => void

/** Slack's Block Kit reference: the maximum length and count of everything, in one place. */
export const MOST = {
  blocksInMessage: 50,
  blocksInModal: 100,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  headerText: 150,
  buttonText: 75,
  buttonValue: 2000,
  url: 3000,
  id: 255,
  actions: 25,
  context: 10,
  options: 100,
  choices: 10,
  overflow: 5,
  optionText: 75,
  optionValue: 150,
  placeholder: 150,
  label: 2000,
  modalTitle: 24,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function checkId(holder: Json, key: 'block_id' | 'action_id', at: string, report: Report): void {
  if (holder[key] !== undefined && typeof holder[key] !== 'string') report('must be a string', `${at}/${key}`)
  checkLength(holder, key, MOST.id, { at, report })
}

/** Where in the message it is, and where mistakes go. */
export interface Spot {
  at: string
  report: Report
  type?: 'plain_text'
}

export function checkLength(holder: Json, key: string, most: number, { at, report }: Spot): void {
  const value = holder[key]
  if (typeof value === 'string' && value.length > most)
    report(`must be less than ${most + 1} characters`, `${at}/${key}`)
}

export function checkText(holder: Json, key: string, most: number, { at, report, type }: Spot): void {
  const text = holder[key]
  if (!isJson(text)) return report(`missing required field: ${key}`, at)
  if (type && text.type !== type) report(`unsupported type: ${String(text.type)}`, `${at}/${key}`)
  checkTextObject(text, most, `${at}/${key}`, report)
}

export function checkTextObject(text: Json, most: number, at: string, report: Report): void {
  if (text.type !== 'plain_text' && text.type !== 'mrkdwn') return report(`unsupported type: ${String(text.type)}`, at)
  if (typeof text.text !== 'string') return report('missing required field: text', at)
  if (text.text.length < 1) report('must be more than 0 characters', `${at}/text`)
  checkLength(text, 'text', most, { at, report })
}

export function items(holder: Json, key: string, most: number, { at, report }: Spot): Json[] {
  const list = holder[key]
  if (!Array.isArray(list)) {
    report(`missing required field: ${key}`, at)
    return []
  }
  if (list.length < 1) report('no fewer than 1 items allowed', `${at}/${key}`)
  if (list.length > most) report(`no more than ${most} items allowed`, `${at}/${key}`)
  return list.filter(isJson)
}
