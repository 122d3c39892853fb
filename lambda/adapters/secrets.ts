// Slack's secrets, from Secrets Manager; kept for a few minutes, so that a rotation is seen and a click is quick.
import { jsonCall, type AwsCall } from './aws.ts'

/** What the secret holds, as JSON. Two signing secrets are valid while one rotates. */
export interface SlackSecret {
  botToken: string
  signingSecret: string
  previousSigningSecret?: string
}

const KEPT_MS = 5 * 60_000

export function slackSecret(SecretId: string, call: AwsCall): () => Promise<SlackSecret> {
  let kept: { at: number; secret: SlackSecret } | undefined
  return async () => {
    if (kept && Date.now() - kept.at < KEPT_MS) return kept.secret
    const { SecretString } = await jsonCall(call, 'secretsmanager', '1.1', 'secretsmanager.GetSecretValue', {
      SecretId,
    })
    const secret = JSON.parse(typeof SecretString === 'string' ? SecretString : '{}') as Partial<SlackSecret>
    if (!secret.botToken || !secret.signingSecret)
      throw new Error(
        'the Slack secret holds no botToken and signingSecret yet: store them as JSON with these two keys',
      )
    kept = { at: Date.now(), secret: secret as SlackSecret }
    return kept.secret
  }
}
