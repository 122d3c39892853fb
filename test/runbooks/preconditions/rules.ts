// Each rule of a runbook stops the look, before anybody is asked, and stands in its page.
import { readFileSync } from 'node:fs'
import { look, type Setting } from '../look.ts'

interface Rule {
  field: string
  must: string
}

/** The field of a rule, what is wrong, and a part of what is said. */
export type Row = [field: string, what: string, setting: Setting, stop: string]

const fieldOf = ({ field }: Rule): string => (field.includes('`') ? field : `\`${field}\``)

/** `page`: in docs/runbooks. Each rule has at least one row, and the page a line for each. */
export function stopTheLook(page: string, rules: readonly Rule[], rows: Row[]): void {
  test.each(rows)('%s: %s', async (_field, _what, setting, stop) => {
    expect((await look(setting)).stop).toContain(stop)
  })

  test('each of the rules', () => {
    expect(new Set(rows.map(([field]) => field))).toEqual(new Set(rules.map(({ field }) => field)))
  })

  test('its page lists the same rules', () => {
    const docs = readFileSync(`docs/runbooks/${page}.md`, 'utf8').replace(/ +/g, ' ')
    for (const rule of rules) expect(docs).toContain(`| ${fieldOf(rule)} | ${rule.must} |`)
  })
}
