// The bucket of the deployed stack, where the runbook keeps what it takes away.
import { s3Evidence } from '../../lambda/adapters/evidence.ts'
import type { Evidence } from '../../lambda/ports/tools.ts'
import type { World } from './world.ts'

export const evidenceOf = ({ aws, outputs }: World): Evidence =>
  s3Evidence({ bucket: outputs.EvidenceBucketName, prefix: 'evidence/', client: aws.s3 })
