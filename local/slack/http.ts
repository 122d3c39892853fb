/** The little HTTP that the fake Slack needs: a bounded body in, JSON out. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reply } from './types.ts'

export const MOST_BYTES = 1024 * 1024

/** The whole body as text, or undefined when it is larger than 1 MB. */
export async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= MOST_BYTES) chunks.push(chunk)
  }
  return size <= MOST_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined
}

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  res.end(JSON.stringify(body))
}

export function sendReply(res: ServerResponse, { status = 200, headers, body = { ok: true } }: Reply): void {
  if (typeof body !== 'string') return sendJson(res, status, body, headers)
  res.writeHead(status, headers).end(body)
}

/** Text as it came; anything else counts as no text. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A JSON object, or undefined. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
