// What a run has kept: its queues, their chunks, and each chunk as it was stored.
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
} from '../../lambda/runbooks/relieve-queue-backlog/kept.ts'
import { partsOfName } from '../../lambda/core/incident/run.ts'
import { NOTHING_SENT, type Progress } from './progress.ts'
import type { Evidence } from '../../lambda/ports/tools.ts'
import { UserError } from '../load-config.ts'

export interface KeptQueue {
  folder: string
  manifest: Manifest
  /** The run wrote no manifest: it did not finish. */
  isUnfinished: boolean
  progress: Progress
}

/** `only`: one queue. Throws if nothing is kept. */
export async function keptBy(evidence: Evidence, run: string, only: string | undefined): Promise<KeptQueue[]> {
  const keys = await keysOf(evidence, run)
  const folders = [...new Set(sumKeysIn(keys).map((key) => key.slice(0, key.lastIndexOf('/') + 1)))]
  const wanted = folders.filter((folder) => only === undefined || queueIn(folder) === only)
  if (wanted.length === 0)
    throw new UserError(
      folders.length === 0
        ? `nothing is kept of the run ${run} in ${evidence.place('')}: check --run; it stands in the incident's message, like INC-0001-1`
        : `the run ${run} kept nothing of the queue ${only}, only of ${folders.map(queueIn).join(', ')}`,
    )
  return Promise.all(wanted.map((folder) => keptIn(evidence, run, folder, keys)))
}

/** The run as its message names it, or without its last part, if only one such run has kept anything. */
async function keysOf(evidence: Evidence, run: string): Promise<string[]> {
  const nameIn = (key: string): string => key.slice(0, key.indexOf('/'))
  const fits = (name: string): boolean => name === run || partsOfName(name)?.id === run
  const keys = (await evidence.list(run)).filter((key) => fits(nameIn(key)))
  const names = [...new Set(keys.map(nameIn))]
  if (names.length > 1)
    throw new UserError(`several runs have kept messages: choose one with --run ${names.join(' or --run ')}`)
  return keys
}

async function keptIn(evidence: Evidence, run: string, folder: string, keys: string[]): Promise<KeptQueue> {
  const written = await evidence.get(manifestKey(folder))
  return {
    folder,
    manifest: written === undefined ? await assembled(evidence, run, folder, keys) : (JSON.parse(written) as Manifest),
    isUnfinished: written === undefined,
    progress: await progressOf(evidence, folder),
  }
}

async function assembled(evidence: Evidence, run: string, folder: string, keys: string[]): Promise<Manifest> {
  const wanted = sumKeysIn(keys).filter((key) => key.startsWith(folder))
  const sums = await Promise.all(wanted.map(async (key) => JSON.parse((await evidence.get(key)) ?? '{}') as ChunkSum))
  const [first] = linesOf((await evidence.get(chunkKey(folder, sums[0]!.chunk))) ?? '')
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
    throw new UserError(
      `${evidence.place(key)} ${text === undefined ? 'is not there any more' : 'is not what was stored'}: nothing of it was sent; look for an older version in the bucket`,
    )
  return linesOf(text)
}
