// What a run has kept of a queue, and how far it was sent back: its chunks, each as it was stored.
import {
  chunkKey,
  linesOf,
  manifestKey,
  manifestOf,
  queueIn,
  republishedKey,
  sha256,
  sumKeysIn,
  type ChunkSum,
  type KeptLine,
  type Manifest,
} from '../kept/kept.ts'
import { sumsAt } from '../kept/stored.ts'
import { NOTHING_SENT, type Progress } from './progress.ts'
import { Refused, type Evidence } from '../../../ports/tools.ts'

export interface KeptQueue {
  folder: string
  manifest: Manifest
  /** The run wrote no manifest: it did not finish. */
  isUnfinished: boolean
  progress: Progress
}

export async function keptIn(evidence: Evidence, run: string, folder: string, keys: string[]): Promise<KeptQueue> {
  const text = await evidence.get(manifestKey(folder))
  const written = text === undefined ? undefined : (JSON.parse(text) as Manifest)
  // A later pass may have died before it wrote the manifest anew: each chunk that was removed has its sum.
  const manifest = await assembled(evidence, run, { folder, keys, written })
  return {
    folder,
    manifest,
    isUnfinished: written?.count !== manifest.count,
    progress: await progressOf(evidence, folder),
  }
}

interface Written {
  folder: string
  keys: string[]
  written: Manifest | undefined
}

async function assembled(evidence: Evidence, run: string, { folder, keys, written }: Written): Promise<Manifest> {
  const sums = await sumsAt(
    { evidence },
    sumKeysIn(keys).filter((key) => key.startsWith(folder)),
  )
  if (written) return manifestOf(written, sums)
  const [first] = sums[0] ? linesOf((await evidence.get(chunkKey(folder, sums[0].chunk))) ?? '') : []
  // What SQS itself says about a message.
  const kind = first && 'system' in first.properties ? 'sqs' : 'rabbitmq'
  return manifestOf({ run, service: '', kind, queue: queueIn(folder) }, sums)
}

export async function progressOf(evidence: Evidence, folder: string): Promise<Progress> {
  const text = await evidence.get(republishedKey(folder))
  return text === undefined ? NOTHING_SENT : (JSON.parse(text) as Progress)
}

/** Returns the chunk as it was written. */
export async function saveProgress(evidence: Evidence, folder: string, progress: Progress): Promise<Progress> {
  const written = { ...progress, writes: progress.writes + 1 }
  await evidence.put(republishedKey(folder), JSON.stringify(written))
  return written
}

/** Throws if a chunk is not what was stored. */
export async function chunkIn(evidence: Evidence, folder: string, sum: ChunkSum): Promise<KeptLine[]> {
  const key = chunkKey(folder, sum.chunk)
  const text = await evidence.get(key)
  if (text === undefined || sha256(text) !== sum.sha256)
    throw new Refused(
      `${evidence.place(key)} ${text === undefined ? 'is not there any more' : 'is not what was stored'}: nothing of it was sent; look for an older version in the bucket`,
    )
  return linesOf(text)
}
