// A user's name and password in Secrets Manager.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { UserError } from '../load-config.ts'
import { CLIENT, once } from './client.ts'

const client = once(() => new SecretsManagerClient(CLIENT))

/** `SecretId`: name or ARN. Never reveals what is in it. */
export async function loginIn(SecretId: string): Promise<{ username: string; password: string }> {
  const { SecretString } = await client().send(new GetSecretValueCommand({ SecretId }))
  const { username, password } = parsed(SecretString)
  if (typeof username !== 'string' || typeof password !== 'string')
    throw new UserError(`the secret ${SecretId} is not JSON with username and password`)
  return { username, password }
}

function parsed(text: string | undefined): { username?: unknown; password?: unknown } {
  try {
    return JSON.parse(text ?? '') as { username?: unknown }
  } catch {
    return {}
  }
}
