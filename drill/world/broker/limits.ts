// What a policy allows a queue to hold, and what happens to the excess.

/** What a policy says about a queue. Unset: no limit. */
export interface Limits {
  maxLength?: number
  maxLengthBytes?: number
  overflow: 'drop-head' | 'reject-publish'
  ttlSeconds?: number
}

/** What is waiting in a queue. */
interface Waiting {
  length: number
  bytes: number
}

/** Holds more than it may. */
export const isOver = (
  { maxLength = Infinity, maxLengthBytes = Infinity }: Limits,
  { length, bytes }: Waiting,
): boolean => length > maxLength || bytes > maxLengthBytes

/** Takes no more messages. */
export const rejects = (
  { overflow, maxLength = Infinity, maxLengthBytes = Infinity }: Limits,
  { length, bytes }: Waiting,
): boolean => overflow === 'reject-publish' && (length >= maxLength || bytes >= maxLengthBytes)

const REJECTS: unknown[] = ['reject-publish', 'reject-publish-dlx']

/** Keys as in https://www.rabbitmq.com/docs/parameters#policies. */
export function limitsIn(definition: Record<string, unknown>): Limits {
  const number = (key: string): number | undefined =>
    typeof definition[key] === 'number' ? definition[key] : undefined
  const [maxLength, maxLengthBytes, ttl] = [number('max-length'), number('max-length-bytes'), number('message-ttl')]
  return {
    overflow: REJECTS.includes(definition['overflow']) ? 'reject-publish' : 'drop-head',
    ...(maxLength !== undefined && { maxLength }),
    ...(maxLengthBytes !== undefined && { maxLengthBytes }),
    ...(ttl !== undefined && { ttlSeconds: ttl / 1000 }),
  }
}
