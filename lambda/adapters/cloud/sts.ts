// STS: the credentials of a role, for a service in another account.
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { Credentials } from '../../ports/api.ts'

/** AWS: the longest session for a role that is assumed from an assumed role, as Lambda's is. */
const SECONDS = 3600

export async function assume(role: string, session: string, region: string): Promise<Credentials> {
  const { Credentials: given } = await new STSClient({ region }).send(
    new AssumeRoleCommand({ RoleArn: role, RoleSessionName: session, DurationSeconds: SECONDS }),
  )
  return {
    accessKeyId: given!.AccessKeyId!,
    secretAccessKey: given!.SecretAccessKey!,
    sessionToken: given!.SessionToken!,
    expiration: given!.Expiration!,
  }
}
