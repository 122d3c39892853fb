// Only what Slack signed, and signed just now, gets in.
import { createHmac } from 'node:crypto'
import { isFromSlack, type Signed } from '../../../lambda/core/respond/signature.ts'

const NOW = 1_714_660_750
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5'
const BODY = 'payload=%7B%22type%22%3A%22block_actions%22%7D'

const sign = (secret: string, timestamp: string, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`

const signed = (change: Partial<Signed> = {}, at = NOW, secret = SECRET): Signed => {
  const rawBody = change.rawBody ?? BODY
  return { timestamp: String(at), signature: sign(secret, String(at), rawBody), rawBody, ...change }
}

const check = (request: Signed, secrets: string[] = [SECRET]): boolean => isFromSlack(request, secrets, NOW * 1000)

test("takes the example of Slack's documentation", () => {
  const rawBody =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
  const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
  expect(isFromSlack({ timestamp: '1531420618', signature, rawBody }, [SECRET], 1_531_420_618_000)).toBe(true)
})

describe('is taken', () => {
  test.each<[string, Signed, string[]]>([
    ['what was signed now', signed(), [SECRET]],
    ['with the new secret of two', signed({}, NOW, 'new'), ['new', SECRET]],
    ['with the old secret of two', signed(), ['new', SECRET]],
    ['an empty body', signed({ rawBody: '' }), [SECRET]],
    ['a body in any language', signed({ rawBody: 'payload=größe🦉' }), [SECRET]],
    ['just inside five minutes ago', signed({}, NOW - 300), [SECRET]],
    ['just inside five minutes ahead', signed({}, NOW + 300), [SECRET]],
  ])('%s', (_, request, secrets) => {
    expect(check(request, secrets)).toBe(true)
  })
})

describe('is refused', () => {
  test.each<[string, Signed, string[]]>([
    ['another secret', signed({}, NOW, 'other'), [SECRET]],
    ['a changed body', signed({ signature: sign(SECRET, String(NOW), `${BODY}x`) }), [SECRET]],
    ['a changed time', signed({ timestamp: String(NOW - 1) }), [SECRET]],
    ['five minutes and a second ago', signed({}, NOW - 301), [SECRET]],
    ['five minutes and a second ahead', signed({}, NOW + 301), [SECRET]],
    ['no signature', signed({ signature: undefined }), [SECRET]],
    ['no time', signed({ timestamp: undefined }), [SECRET]],
    ['an empty signature', signed({ signature: '' }), [SECRET]],
    ['a signature without its version', signed({ signature: sign(SECRET, String(NOW), BODY).slice(3) }), [SECRET]],
    [
      'a signature of another version',
      signed({ signature: sign(SECRET, String(NOW), BODY).replace('v0', 'v1') }),
      [SECRET],
    ],
    ['a signature that was cut off', signed({ signature: sign(SECRET, String(NOW), BODY).slice(0, -1) }), [SECRET]],
    ['a signature with more behind it', signed({ signature: `${sign(SECRET, String(NOW), BODY)}0` }), [SECRET]],
    ['a signature of as many other characters', signed({ signature: 'ü'.repeat(67) }), [SECRET]],
    ['no secret at all', signed(), []],
    ['an empty secret', signed({}, NOW, ''), ['']],
    ['an empty secret beside a good one', signed({}, NOW, ''), [SECRET, '']],
    ['a time in words', { ...signed(), timestamp: 'now', signature: sign(SECRET, 'now', BODY) }, [SECRET]],
    [
      'a time with a fraction',
      { ...signed(), timestamp: `${NOW}.5`, signature: sign(SECRET, `${NOW}.5`, BODY) },
      [SECRET],
    ],
    [
      'a time in hexadecimal',
      { ...signed(), timestamp: '0x6633a44e', signature: sign(SECRET, '0x6633a44e', BODY) },
      [SECRET],
    ],
    ['no number', { ...signed(), timestamp: 'NaN', signature: sign(SECRET, 'NaN', BODY) }, [SECRET]],
    ['a negative time', { ...signed(), timestamp: `-${NOW}`, signature: sign(SECRET, `-${NOW}`, BODY) }, [SECRET]],
  ])('%s', (_, request, secrets) => {
    expect(check(request, secrets)).toBe(false)
  })
})
