// Who may decide where nobody is named: what Slack tells of users, guests, other workspaces and organizations.
import { slackPeople } from '../../../lambda/adapters/slack/people.ts'
import { Refused } from '../../../lambda/ports/tools.ts'
import { serveSlack, type ServedSlack } from '../../support/slack.ts'

let slack: ServedSlack
const serve = async (scopes: readonly string[] = ['users:read']): Promise<void> => {
  slack = await serveSlack({ token: 'xoxb-1', channels: [], scopes })
}
afterEach(() => slack.close())

const people = () => slackPeople(async () => 'xoxb-1', slack.apiUrl)

test.each([
  ['a member', 'U0ANA', true],
  ['a guest', 'U0GUS', false],
  ['Tocsin itself', 'U0TOCSIN', false],
  ['somebody unknown', 'U0NOBODY', false],
])('%s', async (_, user, is) => {
  await serve()
  expect(await people().isFullMember(user)).toBe(is)
})

test.each<[string, object, boolean]>([
  ['a guest of several channels', { team_id: 'T0TOCSIN', is_restricted: true }, false],
  ['a guest of one channel', { team_id: 'T0TOCSIN', is_ultra_restricted: true }, false],
  ['somebody whose account was deactivated', { team_id: 'T0TOCSIN', deleted: true }, false],
  ['another app', { team_id: 'T0TOCSIN', is_bot: true }, false],
  ['somebody of another workspace, in a shared channel', { team_id: 'T0OTHER', is_stranger: false }, false],
  ['a stranger', { team_id: 'T0TOCSIN', is_stranger: true }, false],
  ['somebody of whom Slack tells no workspace', {}, false],
  [
    'a member whose organization has several workspaces',
    { team_id: 'E0ORG', enterprise_user: { teams: ['T0OTHER', 'T0TOCSIN'] } },
    true,
  ],
  [
    'a member of its organization, but not of this workspace',
    { team_id: 'E0ORG', enterprise_user: { teams: ['T0OTHER'] } },
    false,
  ],
])('%s', async (_, user, is) => {
  await serve()
  slack.answer('users.info', { body: { ok: true, user: { id: 'U0ONE', ...user } } })
  expect(await people().isFullMember('U0ONE')).toBe(is)
})

test('an app that may not ask says what it needs', async () => {
  await serve(['chat:write'])
  const failed = await people()
    .isFullMember('U0ANA')
    .catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(Refused)
  expect((failed as Error).message).toContain('users:read')
})

test('a Slack that does not answer is asked again', async () => {
  await serve()
  slack.answer('users.info', { status: 503, body: '' })
  const asked = people()
  await expect(asked.isFullMember('U0ANA')).rejects.not.toBeInstanceOf(Refused)
  expect(await asked.isFullMember('U0ANA')).toBe(true)
})
