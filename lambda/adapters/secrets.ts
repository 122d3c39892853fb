// Slack's secrets, from Secrets Manager; kept for a few minutes, so that a rotation is seen and a click is quick.
import { Refused } from '../ports/tools.ts'
import { AwsError, jsonCall, type AwsCall } from './aws.ts'

/** What the secret holds, as JSON. Two signing secrets are valid while one rotates. */
export interface SlackSecret {
  botToken: string
  signingSecret: string
  previousSigningSecret?: string
}

const KEPT_MS = 5 * 60_000

const NOT_CONNECTED = 'Slack is not connected yet: run npx tocsin slack connect'

export function slackSecret(SecretId: string, call: AwsCall): () => Promise<SlackSecret> {
  let kept: { at: number; secret: SlackSecret } | undefined
  return async () => {
    if (kept && Date.now() - kept.at < KEPT_MS) return kept.secret
    const secret = parse(await read(SecretId, call, new Error(NOT_CONNECTED)))
    kept = { at: Date.now(), secret }
    return secret
  }
}

/** A user's name and password, read anew each time: they may rotate, and a connection is rare. `SecretId`: name or ARN. */
export function loginSecret(
  SecretId: string | undefined,
  call: AwsCall,
): () => Promise<{ username: string; password: string }> {
  return async () => {
    if (SecretId === undefined) throw new Refused('the target has no rabbitmq.secret: name the secret with its login')
    const missing = new Refused(`there is no secret ${SecretId}, or it is empty: check target.rabbitmq.secret`)
    const { username, password } = (parsed(await read(SecretId, call, missing)) ?? {}) as Record<string, unknown>
    if (typeof username !== 'string' || typeof password !== 'string')
      throw new Refused(`the secret ${SecretId} is no JSON with username and password`)
    return { username, password }
  }
}

/** A secret that was made and never filled has no value to get. */
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

/** Says nothing of what is in it: a parser's own message would quote it. */
function parse(text: unknown): SlackSecret {
  const { botToken, signingSecret, previousSigningSecret } = (parsed(text) ?? {}) as Record<string, unknown>
  const secret = { botToken: trimmed(botToken), signingSecret: trimmed(signingSecret) }
  if (secret.botToken === '' || secret.signingSecret === '')
    throw new Error(`${NOT_CONNECTED} (its secret is no JSON with botToken and signingSecret)`)
  const previous = trimmed(previousSigningSecret)
  return { ...secret, ...(previous !== '' && { previousSigningSecret: previous }) }
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

/** Pasted with the end of its line, a token would be no valid header. */
const trimmed = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')
