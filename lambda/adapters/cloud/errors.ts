// Which AWS errors may pass by themselves, and what to do about the others.
import { Refused } from '../../ports/tools.ts'

/** What the SDK says about a response; a network error has no status. */
interface Answer {
  name?: string
  message?: string
  $metadata?: { httpStatusCode?: number }
}

const PASSING =
  /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|RequestTimeout|ExpiredToken|RequestExpired|InProgress|InUse|Concurrent|PriorRequestNotComplete/
const DENIED = /AccessDenied|Unauthorized|NotAuthorized|Forbidden|OptInRequired/
const UNSIGNED = /CredentialsProviderError|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure/
const GONE = /NotFound|DoesNotExist|NotExist|NoSuch|NonExistent|Invalid\w+ID\b/i

/** A `Refused` if trying again would not help; otherwise the error itself. */
export function explain(error: unknown, call: string, who: string): unknown {
  const { name = '', message = '', $metadata } = error as Answer
  if (UNSIGNED.test(name)) return new Refused(`${call}: ${who} has no valid credentials here (${message})`)
  const status = $metadata?.httpStatusCode
  if (status === undefined || status >= 500 || status === 429 || PASSING.test(name)) return error
  if (DENIED.test(name) || status === 403) return new Refused(`${call}: ${who} may not do this; allow it (${message})`)
  if (GONE.test(name) || status === 404)
    return new Refused(`${call}: it is not there; check the target in the config (${message})`)
  return new Refused(`${call} was refused: ${name}: ${message}`)
}
