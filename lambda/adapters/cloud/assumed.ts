// Calls with a target's role and in its region: what a service owns may lie in another account.
import { awsCall, type AwsCall, type AwsSettings } from '../aws.ts'
import type { Credentials } from '../../ports/api.ts'
import { explain } from './errors.ts'

export interface Identity {
  region: string
  /** ARN of the role to assume. */
  role?: string | undefined
  /** The session name under which CloudTrail shows that role's calls. */
  session: string
}

/** Only with a role; throws what `explain` makes of the error. */
export async function assumed({ role, session, region }: Identity & { role: string }): Promise<Credentials> {
  const { assume } = await import('./sts.ts')
  try {
    return await assume(role, session, region)
  } catch (error) {
    throw explain(error, `sts AssumeRole ${role}`, "Tocsin's role")
  }
}

/** How long before they expire credentials are asked for anew. */
const EARLY_MS = 300_000

/** Signed requests with that identity; without a role, with that of the process. */
export function callAs(own: AwsSettings, { role, region, session }: Identity): AwsCall {
  if (role === undefined) return awsCall({ ...own, region })
  let kept: { call: AwsCall; until: number } | undefined
  return async (...args) => {
    if (!kept || kept.until < Date.now()) {
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await assumed({ role, region, session })
      const given = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
      kept = {
        call: awsCall({ ...given, region, endpoints: own.endpoints }),
        until: (expiration?.getTime() ?? 0) - EARLY_MS,
      }
    }
    return kept.call(...args)
  }
}
