// Permissions on a customer's own keys: what is encrypted with them is closed even to who may read it.
import type { Statement } from '../runbook.ts'

/**
 * Only through that service. Reading takes Decrypt, writing both: GenerateDataKey and Decrypt.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export const keyPermissions = (
  keys: string | readonly string[] | undefined,
  service: 'secretsmanager' | 'sqs',
  actions: readonly ('kms:Decrypt' | 'kms:GenerateDataKey')[],
): Statement[] =>
  [keys ?? []].flat().map((key) => ({
    actions: [...actions],
    resources: [key],
    // In China its name ends otherwise.
    conditions: { StringLike: { 'kms:ViaService': `${service}.${key.split(':')[3]!}.amazonaws.com*` } },
  }))
