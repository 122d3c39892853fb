// Slack's secret in Secrets Manager: read, and stored as the functions expect it.
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Installation } from '../../lambda/core/respond/interaction.ts'
import { CLIENT, once } from './client.ts'

export interface SlackSecret {
  botToken: string
  signingSecret: string
  /** Still valid while Slack changes over. */
  previousSigningSecret?: string
  /** Which app in which workspace it is: a click of another one is not believed. */
  installation?: Installation
}

const client = once(() => new SecretsManagerClient(CLIENT))

/** Undefined before the first one is stored: a new stack's secret holds random text. */
export async function readSecret(SecretId: string): Promise<SlackSecret | undefined> {
  try {
    const { SecretString } = await client().send(new GetSecretValueCommand({ SecretId }))
    return secretIn(SecretString ?? '')
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined
    throw error
  }
}

function secretIn(text: string): SlackSecret | undefined {
  try {
    const { botToken, signingSecret, previousSigningSecret, installation } = JSON.parse(text) as Partial<SlackSecret>
    if (!botToken || !signingSecret) return undefined
    return {
      botToken,
      signingSecret,
      ...(previousSigningSecret && { previousSigningSecret }),
      ...(installation && { installation }),
    }
  } catch {
    return undefined
  }
}

export async function storeSecret(SecretId: string, secret: SlackSecret): Promise<void> {
  await client().send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(secret) }))
}
