/** Checks Block Kit as Slack does, so that a message Slack would refuse is refused here first. */
import { checkId, checkText, checkTextObject, isJson, items, MOST } from './checks.ts'
import type { Json, Report } from './checks.ts'
import { checkElement, checkImage } from './elements.ts'

/** Every problem in Slack's words, each with a JSON pointer; an empty list when Slack would take it. */
export function blockProblems(blocks: unknown, surface: 'message' | 'modal', at = '/blocks'): string[] {
  const problems: string[] = []
  const report: Report = (problem, path) => problems.push(`${problem} [json-pointer:${path}]`)
  if (!Array.isArray(blocks)) return [`must be an array [json-pointer:${at}]`]
  const most = surface === 'message' ? MOST.blocksInMessage : MOST.blocksInModal
  if (blocks.length > most) report(`no more than ${most} items allowed`, at)
  blocks.forEach((block, index) => checkBlock(block, `${at}/${index}`, report))
  const ids = blocks.flatMap((block) => (isJson(block) && typeof block.block_id === 'string' ? [block.block_id] : []))
  ids.forEach((id, index) => {
    if (ids.indexOf(id) !== index) report('`block_id` already exists', at)
  })
  return problems
}

function checkBlock(block: unknown, at: string, report: Report): void {
  if (!isJson(block)) return report('must be an object', at)
  checkId(block, 'block_id', at, report)
  switch (block.type) {
    case 'section':
      return checkSection(block, at, report)
    case 'header':
      return checkText(block, 'text', MOST.headerText, { at, report, type: 'plain_text' })
    case 'context':
      return items(block, 'elements', MOST.context, { at, report }).forEach((element, index) => {
        const path = `${at}/elements/${index}`
        if (element.type === 'image') checkImage(element, path, report)
        else checkTextObject(element, MOST.sectionText, path, report)
      })
    case 'actions': {
      const elements = items(block, 'elements', MOST.actions, { at, report })
      elements.forEach((element, index) => checkElement(element, `${at}/elements/${index}`, report))
      const ids = elements.map((element) => element.action_id).filter((id) => id !== undefined)
      if (new Set(ids).size < ids.length) report('`action_id` already exists', `${at}/elements`)
      return
    }
    case 'input':
      checkText(block, 'label', MOST.label, { at, report, type: 'plain_text' })
      return isJson(block.element)
        ? checkElement(block.element, `${at}/element`, report)
        : report('missing required field: element', at)
    case 'image':
      return checkImage(block, at, report)
    case 'divider':
    case 'rich_text':
    case 'markdown':
    case 'video':
    case 'table':
    case 'file':
      return
    default:
      return report(`unsupported type: ${String(block.type)}`, at)
  }
}

function checkSection(block: Json, at: string, report: Report): void {
  if (!block.text && !block.fields) report('missing required field: text', at)
  if (block.text) checkText(block, 'text', MOST.sectionText, { at, report })
  if (block.fields)
    items(block, 'fields', MOST.fields, { at, report }).forEach((field, index) =>
      checkTextObject(field, MOST.fieldText, `${at}/fields/${index}`, report),
    )
  if (isJson(block.accessory)) checkElement(block.accessory, `${at}/accessory`, report)
}

/** A modal's title, buttons and blocks; Slack answers `invalid_arguments` for these. */
export function viewProblems(view: unknown): string[] {
  if (!isJson(view)) return ['must be an object [json-pointer:/view]']
  const problems: string[] = []
  const report: Report = (problem, path) => problems.push(`${problem} [json-pointer:${path}]`)
  if (view.type !== 'modal') report('must be a valid enum value', '/view/type')
  checkText(view, 'title', MOST.modalTitle, { at: '/view', report, type: 'plain_text' })
  for (const key of ['submit', 'close'])
    if (view[key]) checkText(view, key, MOST.modalTitle, { at: '/view', report, type: 'plain_text' })
  const blocks = blockProblems(view.blocks, 'modal', '/view/blocks')
  const hasInput = Array.isArray(view.blocks) && view.blocks.some((block) => isJson(block) && block.type === 'input')
  if (hasInput && !view.submit) report('missing required field: submit', '/view')
  return [...problems, ...blocks]
}
