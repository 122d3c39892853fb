// Slack's secrets, from Secrets Manager; cached for a few minutes, so that a rotation is noticed and a click stays quick.
import { strings } from '../core/json.ts'
import type { Installation } from '../core/respond/interaction.ts'
import { Refused } from '../ports/tools.ts'
import { AwsError, jsonCall, type AwsCall } from './aws.ts'

/** What the secret contains, as JSON. Two signing secrets are valid during a rotation. */
export interface SlackSecret {
  botToken: string
  signingSecret: string
  previousSigningSecret?: string
  installation?: Installation
}

const KEPT_MS = 5 * 60_000

const NOT_CONNECTED = 'Slack is not connected yet: run npx tocsin slack connect'

export function slackSecret(SecretId: string, call: AwsCall): () => Promise<SlackSecret> {
  let kept: { at: number; secret: SlackSecret } | undefined
  return async () => {
    if (kept && Date.now() - kept.at < KEPT_MS) return kept.secret
    const secret = parse(await read(SecretId, call, new Refused(NOT_CONNECTED)))
    kept = { at: Date.now(), secret }
    return secret
  }
}

/**
 * A user's name and password, read again each time: they may rotate, and connections are rare. `SecretId`: name or ARN; an ARN names its region, which
 * `callIn` is given.
 */
export function loginSecret(
  SecretId: string | undefined,
  callIn: (region: string | undefined) => AwsCall,
): () => Promise<{ username: string; password: string }> {
  const call = callIn(SecretId?.startsWith('arn:') ? SecretId.split(':')[3] : undefined)
  return async () => {
    if (SecretId === undefined) throw new Refused('the target has no rabbitmq.secret: name the secret with its login')
    const missing = new Refused(`there is no secret ${SecretId}, or it is empty: check target.rabbitmq.secret`)
    const { username, password } = (parsed(await read(SecretId, call, missing)) ?? {}) as Record<string, unknown>
    if (typeof username !== 'string' || typeof password !== 'string')
      throw new Refused(`the secret ${SecretId} is not JSON with username and password`)
    return { username, password }
  }
}

/** A secret that was created but never filled has no value to get: that throws `missing` too. */
async function read(SecretId: string, call: AwsCall, missing: Error): Promise<unknown> {
  try {
    return (
      await jsonCall(call, 'secretsmanager', { version: '1.1', target: 'secretsmanager.GetSecretValue' }, { SecretId })
    )['SecretString']
  } catch (error) {
    if (error instanceof AwsError && error.name === 'ResourceNotFoundException') throw missing
    throw error
  }
}

/** Errors never quote the secret, as a parser's own message would. */
function parse(text: unknown): SlackSecret {
  const { botToken, signingSecret, previousSigningSecret, installation } = (parsed(text) ?? {}) as Record<
    string,
    unknown
  >
  const secret = { botToken: trimmed(botToken), signingSecret: trimmed(signingSecret) }
  if (secret.botToken === '' || secret.signingSecret === '')
    throw new Refused(`${NOT_CONNECTED} (its secret is not JSON with botToken and signingSecret)`)
  const previous = trimmed(previousSigningSecret)
  const installed = strings(installation) as Installation | undefined
  return {
    ...secret,
    ...(previous !== '' && { previousSigningSecret: previous }),
    ...(installed && { installation: installed }),
  }
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

/** A token pasted with its line break would not be a valid header. */
const trimmed = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')
