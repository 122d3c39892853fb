// Mentions, and the line about what could not be read.
import { renderUnreadable } from '../../../../lambda/core/notify/slack/history.ts'
import { mention } from '../../../../lambda/core/notify/slack/message.ts'
import { rulesFor, T0 } from '../../incidents.ts'

const rules = rulesFor({})

test('what cannot be read is shown, harmless', () => {
  const unreadable = {
    count: 3,
    since: T0,
    last: T0,
    reason: 'it is not JSON',
    sample: '<!channel> *x*',
    slack: { shown: 0, threaded: 0 },
  }
  const { text } = renderUnreadable(unreadable, rules)
  expect(text).toContain('3 messages since')
  expect(text).toContain('it is not JSON')
  expect(text).toContain('&lt;!channel&gt; ∗x∗')
})

test.each([
  ['U0ANA1', '<@U0ANA1>'],
  ['W0ANA1', '<@W0ANA1>'],
  ['S0TEAM', '<!subteam^S0TEAM>'],
  ['ana', 'ana'],
  ['<!channel>', '&lt;!channel&gt;'],
  ['U0ANA>|<!here>', 'U0ANA&gt;|&lt;!here&gt;'],
])('%s is mentioned as %s', (id, words) => {
  expect(mention(id)).toBe(words)
})
