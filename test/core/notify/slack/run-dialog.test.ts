// The question before a runbook may act, and its details: whole, whatever they are, and as Slack takes them.
import { viewProblems } from '../../../../local/slack/checks/blocks.ts'
import { answerView, detailsView, questionView } from '../../../../lambda/core/notify/slack/run-dialog.ts'
import { readInteraction } from '../../../../lambda/core/respond/interaction.ts'
import type { Run } from '../../../../lambda/core/incident/run.ts'
import { rulesFor } from '../../incidents.ts'

const rules = rulesFor({ broker: { title: 'Message broker' } })
const incident = { id: 'INC-0001' } as never
const run = (more: Partial<Run> = {}): Run =>
  ({
    id: 'INC-0001-1',
    title: 'Take the backlog out',
    service: 'broker',
    destructive: true,
    plan: {
      at: 0,
      found: 'campaign-jobs holds 44,020 messages',
      scope: { words: 'up to 81,000 messages of campaign-jobs', on: {} },
      steps: [
        {
          name: 'Limit it',
          touches: 'publishers & <others>',
          calls: ['PUT /api/policies `x`', 's3:PutObject'],
          back: 'Take the limit off: the policy',
        },
      ],
    },
    ...more,
  }) as Run

const textOf = (view: Record<string, unknown>): string =>
  (view['blocks'] as { text: { text: string } }[]).map(({ text }) => text.text).join('\n')

test('the question names what is acted on, each step, and how it comes back', () => {
  const view = questionView({ incident, run: run(), rules })
  expect(viewProblems(view)).toEqual([])
  expect(textOf(view).split('\n')).toEqual([
    '*Take the backlog out* on Message broker',
    'campaign-jobs holds 44,020 messages',
    '*Acts on:* up to 81,000 messages of campaign-jobs',
    '*1.* Limit it: publishers &amp; &lt;others&gt;',
    '      ↩️ Take the limit off: the policy',
  ])
})

test('the details have every call', () => {
  const view = detailsView({ incident, run: run(), rules })
  expect(viewProblems(view)).toEqual([])
  expect(textOf(view)).toContain('`PUT /api/policies ˋxˋ`')
  expect(textOf(view)).toContain('`s3:PutObject`')
  expect(view['submit']).toBeUndefined()
})

test('nothing is cut, however much there is', () => {
  const calls = Array.from({ length: 20 }, (_, n) => `call ${n} ${'c'.repeat(480)}`)
  const steps = Array.from({ length: 8 }, (_, n) => ({
    name: `step ${n}`,
    touches: 'x'.repeat(500),
    calls,
    back: 'y'.repeat(500),
  }))
  const long = run({ plan: { ...run().plan!, steps } })
  const view = detailsView({ incident, run: long, rules })
  expect(viewProblems(view)).toEqual([])
  expect(textOf(view)).toContain('step 7')
  expect(textOf(view).match(/`call \d+ /g)).toHaveLength(160)
  expect(textOf(questionView({ incident, run: long, rules }))).not.toContain('…')
})

test('submitting the question is the approval of that run', () => {
  const view = { ...questionView({ incident, run: run(), rules }), state: { values: {} } }
  const payload = JSON.stringify({ type: 'view_submission', user: { id: 'U0ANA', name: 'Ana' }, view })
  expect(readInteraction(new URLSearchParams({ payload }).toString())).toEqual({
    is: 'answer',
    who: { id: 'U0ANA', name: 'Ana' },
    ask: { do: 'approve', incident: 'INC-0001', choice: 'INC-0001-1' },
  })
  expect(viewProblems(answerView('You are not among the approvers.'))).toEqual([])
})
