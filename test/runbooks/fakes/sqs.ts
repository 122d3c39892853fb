// SQS: queues whose messages are hidden for a while once received, and come back if nobody deletes them.
import type { Actions, Clock } from './cloud.ts'

interface Held {
  id: string
  body: string
  visibleAt: number
  receives: number
}

interface Task {
  from: string
  to: string
  startedAt: number
  count: number
  status: 'RUNNING' | 'COMPLETED' | 'FAILED'
}

export interface FakeSqs {
  actions: Actions
  /** Bodies, including hidden ones. */
  bodies(queue: string): string[]
  add(queue: string, count: number): void
  tasks: Task[]
  /** The next delete fails. */
  failDelete: boolean
}

const arn = (name: string): string => `arn:aws:sqs:eu-west-1:111122223333:${name}`
const url = (name: string): string => `https://sqs.eu-west-1.amazonaws.com/111122223333/${name}`
const nameIn = (text: string): string => text.split(/[/:]/).at(-1)!

export function fakeSqs(clock: Clock, names: string[]): FakeSqs {
  const queues = new Map<string, Held[]>(names.map((name) => [name, []]))
  let made = 0
  const at = (text: string): Held[] => queues.get(nameIn(text))!
  const put = (name: string, body: string): void =>
    void at(name).push({ id: `id-${made++}`, body, visibleAt: 0, receives: 0 })
  const isVisible = ({ visibleAt }: Held): boolean => visibleAt <= clock.now
  const fake: FakeSqs = {
    tasks: [],
    failDelete: false,
    bodies: (name) => at(name).map(({ body }) => body),
    add(name, count) {
      for (let i = 0; i < count; i++) put(name, `${name}-${i}`)
    },
    actions: {
      GetQueueUrl: ({ QueueName }: { QueueName: string }) => ({ QueueUrl: url(QueueName) }),
      GetQueueAttributes: ({ QueueUrl }: { QueueUrl: string }) => {
        const visible = at(QueueUrl).filter(isVisible).length
        return {
          Attributes: {
            QueueArn: arn(nameIn(QueueUrl)),
            ApproximateNumberOfMessages: String(visible),
            ApproximateNumberOfMessagesNotVisible: String(at(QueueUrl).length - visible),
          },
        }
      },
      ReceiveMessage: ({
        QueueUrl,
        MaxNumberOfMessages,
        VisibilityTimeout,
      }: {
        QueueUrl: string
        MaxNumberOfMessages: number
        VisibilityTimeout: number
      }) => {
        const given = at(QueueUrl).filter(isVisible).slice(0, MaxNumberOfMessages)
        for (const message of given)
          Object.assign(message, { visibleAt: clock.now + VisibilityTimeout * 1000, receives: message.receives + 1 })
        return {
          Messages: given.map(({ id, body, receives }) => ({
            MessageId: id,
            ReceiptHandle: `${id}#${receives}`,
            Body: body,
            Attributes: { ApproximateReceiveCount: String(receives), SentTimestamp: '1' },
            MessageAttributes: { kind: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) } },
          })),
        }
      },
      DeleteMessageBatch: ({ QueueUrl, Entries }: { QueueUrl: string; Entries: { ReceiptHandle: string }[] }) => {
        if (fake.failDelete) {
          fake.failDelete = false
          return { Failed: [{ Message: 'try again' }] }
        }
        const gone = new Set(Entries.map(({ ReceiptHandle }) => ReceiptHandle.split('#')[0]))
        queues.set(
          nameIn(QueueUrl),
          at(QueueUrl).filter(({ id }) => !gone.has(id)),
        )
        return {}
      },
      SendMessageBatch: ({ QueueUrl, Entries }: { QueueUrl: string; Entries: { MessageBody: string }[] }) => {
        for (const { MessageBody } of Entries) put(QueueUrl, MessageBody)
        return {}
      },
      StartMessageMoveTask: ({ SourceArn, DestinationArn }: { SourceArn: string; DestinationArn: string }) => {
        fake.tasks.unshift({
          from: SourceArn,
          to: DestinationArn,
          startedAt: clock.now,
          count: at(SourceArn).length,
          status: 'RUNNING',
        })
        return {}
      },
      ListMessageMoveTasks: ({ SourceArn }: { SourceArn: string }) => ({
        Results: fake.tasks
          .filter(({ from }) => from === SourceArn)
          .map((task) => {
            if (task.status === 'RUNNING' && clock.now > task.startedAt + 5_000) {
              task.status = 'COMPLETED'
              for (const { body } of at(task.from).splice(0)) put(task.to, body)
            }
            const Moved = task.status === 'COMPLETED' ? task.count : 0
            return {
              Status: task.status,
              StartedTimestamp: task.startedAt,
              ApproximateNumberOfMessagesMoved: Moved,
              ApproximateNumberOfMessagesToMove: task.count,
              FailureReason: 'no permission',
            }
          }),
      }),
    },
  }
  return fake
}
