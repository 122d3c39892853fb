/** Checks the elements of Block Kit: buttons, menus, inputs, images and their confirm dialogs. */
import { checkId, checkLength, checkText, isJson, items, MOST } from './checks.ts'
import type { Json, Report } from './checks.ts'

export function checkElement(element: Json, at: string, report: Report): void {
  checkId(element, 'action_id', at, report)
  if (element.placeholder) checkText(element, 'placeholder', MOST.placeholder, { at, report, type: 'plain_text' })
  if (isJson(element.confirm)) checkConfirm(element.confirm, `${at}/confirm`, report)
  switch (element.type) {
    case 'button':
      checkText(element, 'text', MOST.buttonText, { at, report, type: 'plain_text' })
      checkLength(element, 'value', MOST.buttonValue, { at, report })
      checkLength(element, 'url', MOST.url, { at, report })
      if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger')
        report('must be a valid enum value', `${at}/style`)
      return
    case 'static_select':
    case 'multi_static_select':
      if (element.option_groups) return
      return checkOptions(element, MOST.options, at, report)
    case 'overflow':
      return checkOptions(element, MOST.overflow, at, report)
    case 'radio_buttons':
    case 'checkboxes':
      return checkOptions(element, MOST.choices, at, report)
    case 'image':
      return checkImage(element, at, report)
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'datepicker':
    case 'timepicker':
    case 'users_select':
    case 'conversations_select':
    case 'channels_select':
    case 'external_select':
      return
    default:
      return report(`unsupported type: ${String(element.type)}`, at)
  }
}

function checkOptions(element: Json, most: number, at: string, report: Report): void {
  items(element, 'options', most, { at, report }).forEach((option, index) => {
    const path = `${at}/options/${index}`
    checkText(option, 'text', MOST.optionText, { at: path, report })
    if (typeof option.value !== 'string') report('missing required field: value', path)
    checkLength(option, 'value', MOST.optionValue, { at: path, report })
  })
}

function checkConfirm(confirm: Json, at: string, report: Report): void {
  checkText(confirm, 'title', MOST.confirmTitle, { at, report, type: 'plain_text' })
  checkText(confirm, 'text', MOST.confirmText, { at, report })
  if (confirm.confirm) checkText(confirm, 'confirm', MOST.confirmButton, { at, report, type: 'plain_text' })
  if (confirm.deny) checkText(confirm, 'deny', MOST.confirmButton, { at, report, type: 'plain_text' })
}

export function checkImage(image: Json, at: string, report: Report): void {
  if (typeof image.image_url !== 'string' && !image.slack_file) report('missing required field: image_url', at)
  if (typeof image.alt_text !== 'string') report('missing required field: alt_text', at)
}
