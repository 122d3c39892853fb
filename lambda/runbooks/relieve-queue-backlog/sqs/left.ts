// What is left to do once a queue of SQS was relieved: the messages that were taken are in S3, or in another queue.
import { messages as inWords } from '../backlog.ts'
import { keptIn } from '../back/kept.ts'
import { leftIn } from '../back/progress.ts'
import { folderOf } from '../kept/kept.ts'
import type { Options } from '../options.ts'
import { Refused } from '../../../ports/tools.ts'
import type { Leaves } from '../../runbook.ts'
import type { Facts } from './sqs.ts'

export interface About {
  kind: 'sqs'
  queue: string
}

/** Sending back is left to the command: the role of the runbook may read this queue and take from it, and write to none. */
export const leaves: Leaves<Options, Facts, About> = {
  about: ({ queue }) => ({ kind: 'sqs', queue: queue.name }),

  async look({ evidence }, { run }, { queue }) {
    const folder = folderOf(run, queue)
    const keys = await evidence.list(folder)
    if (keys.length === 0) return { items: [] }
    const { manifest, progress } = await keptIn(evidence, run, folder, keys)
    const count = leftIn(progress, manifest)
    if (count <= 0) return { items: [] }
    return {
      items: [
        {
          id: 'messages',
          text: `send ${inWords(count)} of ${queue} back (in ${evidence.place(folder)})`,
          command: `npx tocsin republish --run ${run}`,
        },
      ],
    }
  },

  step: () => ({
    turn: async () => {
      throw new Refused('messages of SQS are sent back with npx tocsin republish')
    },
  }),
}
