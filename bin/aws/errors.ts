// What AWS's errors mean for the person at the terminal: one sentence with what to do.

type AwsError = Error & { code?: string; $metadata?: { httpStatusCode?: number }; Code?: string }

const CREDENTIALS =
  'no AWS credentials were found: log in (aws sso login), set AWS_PROFILE or give --profile, or run aws configure'

const SENTENCES: [name: RegExp, sentence: (error: AwsError) => string][] = [
  [
    /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/,
    () => 'the AWS session has expired: log in again (aws sso login)',
  ],
  [/^(CredentialsProviderError|TokenProviderError)$/, whichCredentials],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature\w*|AuthFailure|InvalidAccessKeyId)$/,
    () => 'AWS does not accept these credentials: check AWS_PROFILE, or log in again',
  ],
  [
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError|AuthorizationErrorException|NotAuthorized|OptInRequired)$/,
    ({ message }) =>
      `AWS does not allow it: ${message}. Ask for this permission, or take another profile with --profile`,
  ],
  [
    /^(Throttling\w*|TooManyRequests\w*|RequestLimitExceeded|SlowDown)$/,
    () => 'AWS asks to slow down: try again in a minute',
  ],
]

const UNREACHABLE = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])

function whichCredentials({ message }: AwsError): string {
  if (/expired|sso login/i.test(message)) return 'the AWS session has expired: log in again (aws sso login)'
  const profile = process.env['AWS_PROFILE']
  return profile
    ? `the AWS profile ${profile} gives no credentials: aws configure list-profiles lists the profiles, aws sso login --profile ${profile} logs in`
    : CREDENTIALS
}

/** Undefined for anything that is not an error from AWS or on the way to it. */
export function explainAws(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  const error = thrown as AwsError
  if (/^Region is missing|Could not (load|find) region/.test(error.message))
    return 'no AWS region is set: give --region, or set AWS_REGION'
  const sentence = SENTENCES.find(([name]) => name.test(error.name))?.[1]
  if (sentence) return sentence(error)
  if (UNREACHABLE.has(error.code ?? '') || (error.name === 'TimeoutError' && error.$metadata))
    return `AWS cannot be reached (${error.code ?? error.message}): check the network, --region${process.env['AWS_ENDPOINT_URL'] ? ' and AWS_ENDPOINT_URL' : ''}`
  return error.$metadata ? `AWS refused it: ${error.name}: ${error.message}` : undefined
}
