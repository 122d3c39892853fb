// Is Slack ready? The secret, the token, its scopes, the channels, and the address that Slack sends clicks to.
import { createHmac } from 'node:crypto'
import { post } from '../aws/function-url.ts'
import { readSecret } from '../aws/secret.ts'
import { output } from '../aws/stack.ts'
import { missingScopes } from '../slack/scopes.ts'
import { channelsOf } from '../../lambda/core/services/teams.ts'
import { workspaceOf, type Channel, type WhoWeAre } from '../slack/workspace.ts'
import { failed, notYet, ok, unknown, type Check, type Finding } from './check.ts'

const secret: Check = {
  name: 'Slack secret',
  needs: ['stack'],
  async look(facts) {
    const found = await readSecret(output(facts.stack!, 'SlackSecretArn'))
    if (!found)
      return notYet(
        'no token and signing secret are stored',
        'npx tocsin slack-manifest, then npx tocsin slack connect',
      )
    facts.secret = found
    facts.workspace = workspaceOf(found.botToken, facts.slackApiUrl)
    return ok(
      found.previousSigningSecret === undefined ? 'stored' : 'stored; the previous signing secret is still valid',
    )
  },
}

const token: Check = {
  name: 'Slack token',
  needs: ['workspace'],
  async look(facts) {
    facts.whoWeAre = await facts.workspace!.whoAmI()
    const { user, team, url } = facts.whoWeAre
    return ok(`valid: ${user} in ${team} (${url})`)
  },
}

const scopes: Check = {
  name: 'Slack scopes',
  needs: ['whoWeAre'],
  async look({ whoWeAre }) {
    if (!whoWeAre!.scopes) return unknown('Slack did not say which the token has')
    const missing = missingScopes(whoWeAre!.scopes)
    return missing.length === 0
      ? ok(`all that are needed, ${whoWeAre!.scopes.length} in all`)
      : failed(
          `missing: ${missing.join(', ')}`,
          'update the app from npx tocsin slack-manifest, install it again, then npx tocsin slack connect',
        )
  },
}

const channels: Check = {
  name: 'Slack channel',
  needs: ['whoWeAre', 'config'],
  async look({ workspace, whoWeAre, config }) {
    const wanted = channelsOf(config!)
    const found = await workspace!.channels(wanted)
    const findings = wanted.map((one, place) => findingOf(one, found[place], whoWeAre!))
    for (const [place, channel] of found.entries()) {
      const first = found.findIndex((other) => other && other.id === channel?.id)
      if (channel && first < place)
        findings[place] = failed(
          `${wanted[place]} and ${wanted[first]} are the same channel`,
          'write it the same way in the config, so that it gets one message and not two',
        )
    }
    return findings
  },
}

function findingOf(wanted: string, found: Channel | undefined, { user }: WhoWeAre): Finding {
  if (!found)
    return failed(
      `${user} sees no channel ${wanted}`,
      `check the name in the config; if it is private, write /invite @${user} in it`,
    )
  if (found.isArchived) return failed(`#${found.name} is archived`, 'choose another one in the config, and deploy')
  return found.isMember
    ? ok(`#${found.name} (${found.id}), and ${user} is in it`)
    : failed(`${user} is not in #${found.name}`, `npx tocsin slack connect, or write /invite @${user} in it`)
}

const PROBE = 'ssl_check=1'
const HEADERS = { 'content-type': 'application/x-www-form-urlencoded' }

/** Calls without a signature and with a wrong one, both of which must be refused, and with the right one. */
const address: Check = {
  name: 'address for clicks',
  needs: ['stack'],
  async look({ stack, secret }) {
    const url = output(stack!, 'SlackRequestUrl')
    const logs = 'look at the logs of the Respond function'
    const unsigned = await post(url, PROBE, HEADERS)
    if (!secret)
      // Without a secret it cannot verify anything, and must not let anything pass either.
      return unsigned >= 400
        ? ok(`refuses everything until a secret is stored (${unsigned})`)
        : failed(`answers ${unsigned} to a request without a signature`, logs)
    if (unsigned !== 401) return failed(`answers ${unsigned} to a request without a signature, not 401`, logs)
    const forged = await post(url, PROBE, signed('not the signing secret'))
    if (forged !== 401) return failed(`answers ${forged} to a forged signature, not 401`, logs)
    const right = await post(url, PROBE, signed(secret.signingSecret))
    return right === 200
      ? ok('refuses what Slack did not sign, and takes what is signed')
      : failed(`answers ${right} to a good signature`, `a new secret is seen within 5 minutes; else ${logs}`)
  },
}

function signed(secret: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${PROBE}`).digest('hex')
  return { ...HEADERS, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${signature}` }
}

export const SLACK: Check[] = [secret, token, scopes, channels, address]
