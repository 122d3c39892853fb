// Makes room on a full disk: removes what the config declares as cleanable, then grows whatever may grow.
import type { Target } from '../../core/services/config.ts'
import { database } from './database.ts'
import { machines } from './machines.ts'
import { options, type Options } from './options.ts'
import { byKind, kindOf, type Kind } from '../parts/kind.ts'
import { defineRunbook } from '../runbook.ts'

/** One kind per service: if machines and a database belong together, the config makes them two services or names only one. */
const where = ({ ec2 }: Target): Kind<Options> => (ec2 ? kindOf(machines) : kindOf(database))

export const freeDisk = defineRunbook<Options, unknown>({
  name: 'free-disk',
  title: 'Make room on the disk',
  needs: ['ec2', 'rds'],
  signals: ['disk'],
  lacks({ ec2, rds, ebs }, { maxGiB }) {
    if (!ec2)
      return rds?.instance === undefined ? 'it needs target.rds.instance: storage of Aurora grows by itself' : undefined
    if (ec2.instances.length === 0) return 'it needs target.ec2.instances: the machines that it looks at'
    if (ec2.clean.length > 0 || (ebs && maxGiB !== undefined)) return undefined
    return 'it needs target.ec2.clean (what may be cleaned), or target.ebs with the option maxGiB (what may grow)'
  },
  // The config declares what may be cleaned, but removed files cannot be restored.
  destructive: true,
  options,
  ...byKind(where),
})
