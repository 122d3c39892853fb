// Reads what a run has stored so far.
import { linesOf, type ChunkSum, type KeptLine } from './kept.ts'
import type { Tools } from '../../runbook.ts'

type Kept = Pick<Tools, 'evidence'>

/** Requests to S3 at a time. */
const AT_ONCE = 16

export const linesAt = async (tools: Kept, key: string): Promise<KeptLine[]> => linesOf(await textAt(tools, key))

async function textAt({ evidence }: Kept, key: string): Promise<string> {
  const text = await evidence.get(key)
  if (text === undefined) throw new Error(`${evidence.place(key)} is listed, but cannot be read`)
  return text
}

const sumAt = async (tools: Kept, key: string): Promise<ChunkSum> => JSON.parse(await textAt(tools, key)) as ChunkSum

export async function sumsAt(tools: Kept, keys: readonly string[]): Promise<ChunkSum[]> {
  const sums: ChunkSum[] = []
  for (let i = 0; i < keys.length; i += AT_ONCE)
    sums.push(...(await Promise.all(keys.slice(i, i + AT_ONCE).map((key) => sumAt(tools, key)))))
  return sums
}
