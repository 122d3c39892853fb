// How deep each queue is, including dead letters.
import { depthOf, type Depth } from '../aws/queues.ts'
import { output, type Stack } from '../aws/stack.ts'

const QUEUES = {
  intake: 'IntakeQueueUrl',
  intakeDeadLetters: 'IntakeDeadLettersUrl',
  notices: 'NoticesQueueUrl',
  noticesDeadLetters: 'NoticesDeadLettersUrl',
} as const

export type Queues = Record<keyof typeof QUEUES, Depth>

export async function depths(stack: Stack): Promise<Queues> {
  const read = Object.entries(QUEUES).map(async ([name, url]) => [name, await depthOf(output(stack, url))] as const)
  return Object.fromEntries(await Promise.all(read)) as Queues
}
