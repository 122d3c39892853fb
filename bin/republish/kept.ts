// The queues that a run has kept messages of.
import { queueIn, sumKeysIn } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { keptIn, type KeptQueue } from '../../lambda/runbooks/relieve-queue-backlog/back/kept.ts'
import { partsOfName } from '../../lambda/core/incident/run.ts'
import type { Evidence } from '../../lambda/ports/tools.ts'
import { UserError } from '../load-config.ts'

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
