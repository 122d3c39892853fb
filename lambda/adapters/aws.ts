// AWS calls that a function makes now and then: one signed request each. A whole SDK client for them would double the bundle and slow cold starts.
import { AwsClient } from 'aws4fetch'

/** The services that are called this way; each has its own endpoint and protocol. */
export type Service = 'lambda' | 'monitoring' | 'secretsmanager' | 'sqs'

export interface AwsSettings {
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  /** Endpoints that replace AWS's own, by service. */
  endpoints: Partial<Record<Service, string>>
}

/** Sends one request; returns the response's JSON. Throws an `AwsError` with AWS's name for the error. Throttles and 5xx are retried. */
export type AwsCall = (
  service: Service,
  path: string,
  headers: Record<string, string>,
  body: unknown,
) => Promise<Record<string, unknown>>

/** Enough for a throttle to pass; after that, the queue or the person tries again. */
const RETRIES = 3
const TIMEOUT_MS = 5_000

export class AwsError extends Error {
  override name: string
  constructor(service: Service, name: string, message: string) {
    super(`${service}: ${name}: ${message}`)
    this.name = name
  }
}

export function awsCall({ region, endpoints, ...credentials }: AwsSettings): AwsCall {
  const signer = new AwsClient({ ...credentials, retries: RETRIES })
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return async (service, path, headers, body) => {
    const answer = await signer.fetch(
      new URL(path, endpoints[service] ?? `https://${service}.${region}.${domain}`).href,
      {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        aws: { service, region },
      },
    )
    const text = await answer.text()
    const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    if (answer.ok) return json
    const type = textOf(answer.headers.get('x-amzn-errortype') ?? json['__type']) ?? `HTTP ${answer.status}`
    const name = type.split('#').at(-1)!.split(':')[0]!
    throw new AwsError(service, name, textOf(json['message'] ?? json['Message']) ?? text.slice(0, 200))
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** AWS's JSON protocol: the operation is in a header. */
export const jsonCall = (
  call: AwsCall,
  service: Service,
  { version, target }: { version: '1.0' | '1.1'; target: string },
  body: unknown,
): Promise<Record<string, unknown>> =>
  call(service, '/', { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }, body)
