// SQS: queues whose messages are hidden for a while once received, and come back if nobody deletes them.
import type { Actions, Clock } from './cloud.ts'

interface Held {
  id: string
  body: string
  visibleAt: number
  receives: number
  /** The queue whose dead letter it is. */
  home: string
}

interface Task {
  from: string
  /** Undefined: each message goes back to the queue it came from. */
  to: string | undefined
  startedAt: number
  count: number
  moved: number
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED'
}

export interface FakeSqs {
  actions: Actions
  /** Bodies, including hidden ones. */
  bodies(queue: string): string[]
  /** `home`: where dead letters came from. */
  add(queue: string, count: number, home?: string): void
  empty(queue: string): void
  tasks: Task[]
  /** Messages per second that a move task moves, once it has begun after five seconds. */
  moveRate: number
  /** For each queue of dead letters, those that send theirs there. */
  sources: Record<string, string[]>
  /** The next delete fails. */
  failDelete: boolean
  /** Deletes that came when the message was visible to everybody again. */
  late: number
}

const arn = (name: string): string => `arn:aws:sqs:eu-west-1:111122223333:${name}`
const url = (name: string): string => `https://sqs.eu-west-1.amazonaws.com/111122223333/${name}`
const nameIn = (text: string): string => text.split(/[/:]/).at(-1)!

export function fakeSqs(clock: Clock, names: string[]): FakeSqs {
  const queues = new Map<string, Held[]>(names.map((name) => [name, []]))
  let made = 0
  const at = (text: string): Held[] => queues.get(nameIn(text))!
  const put = (name: string, body: string, home = ''): void =>
    void at(name).push({ id: `id-${made++}`, body, visibleAt: 0, receives: 0, home })
  const move = (task: Task): void => {
    const seconds = Math.max(0, clock.now - task.startedAt - 5_000) / 1000
    const due = Math.floor(seconds * fake.moveRate) - task.moved
    for (const { body, home } of at(task.from).splice(0, Math.max(0, due))) {
      put(task.to ?? home, body)
      task.moved += 1
    }
    if (due > 0 && at(task.from).length === 0) task.status = 'COMPLETED'
  }
  const isVisible = ({ visibleAt }: Held): boolean => visibleAt <= clock.now
  const fake: FakeSqs = {
    tasks: [],
    failDelete: false,
    late: 0,
    moveRate: 1e6,
    sources: { 'jobs-dead': ['jobs'] },
    bodies: (name) => at(name).map(({ body }) => body),
    add(name, count, home = 'jobs') {
      const prefix = name === 'jobs-dead' ? `${home}-dead` : name
      for (let i = 0; i < count; i++) put(name, `${prefix}-${i}`, home)
    },
    empty: (name) => void queues.set(name, []),
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
        for (const { ReceiptHandle } of Entries)
          if (at(QueueUrl).some(({ id, visibleAt }) => id === ReceiptHandle.split('#')[0] && visibleAt <= clock.now))
            fake.late++
        const gone = new Set(Entries.map(({ ReceiptHandle }) => ReceiptHandle.split('#')[0]))
        queues.set(
          nameIn(QueueUrl),
          at(QueueUrl).filter(({ id }) => !gone.has(id)),
        )
        return {}
      },
      ChangeMessageVisibilityBatch: ({
        QueueUrl,
        Entries,
      }: {
        QueueUrl: string
        Entries: { ReceiptHandle: string; VisibilityTimeout: number }[]
      }) => {
        for (const { ReceiptHandle, VisibilityTimeout } of Entries)
          for (const message of at(QueueUrl))
            if (`${message.id}#${message.receives}` === ReceiptHandle)
              message.visibleAt = clock.now + VisibilityTimeout * 1000
        return {}
      },
      SendMessageBatch: ({ QueueUrl, Entries }: { QueueUrl: string; Entries: { MessageBody: string }[] }) => {
        for (const { MessageBody } of Entries) put(QueueUrl, MessageBody)
        return {}
      },
      ListDeadLetterSourceQueues: ({ QueueUrl }: { QueueUrl: string }) => ({
        queueUrls: (fake.sources[nameIn(QueueUrl)] ?? []).map(url),
      }),
      StartMessageMoveTask: ({ SourceArn, DestinationArn }: { SourceArn: string; DestinationArn?: string }) => {
        const count = at(SourceArn).length
        fake.tasks.unshift({
          from: SourceArn,
          to: DestinationArn,
          startedAt: clock.now,
          count,
          moved: 0,
          status: 'RUNNING',
        })
        return {}
      },
      CancelMessageMoveTask: ({ TaskHandle }: { TaskHandle: string }) => {
        fake.tasks.find(({ startedAt }) => String(startedAt) === TaskHandle)!.status = 'CANCELLED'
        return {}
      },
      ListMessageMoveTasks: ({ SourceArn }: { SourceArn: string }) => ({
        Results: fake.tasks
          .filter(({ from }) => from === SourceArn)
          .map((task) => {
            if (task.status === 'RUNNING') move(task)
            return {
              TaskHandle: String(task.startedAt),
              Status: task.status,
              ...(task.to !== undefined && { DestinationArn: task.to }),
              StartedTimestamp: task.startedAt,
              ApproximateNumberOfMessagesMoved: task.moved,
              ApproximateNumberOfMessagesToMove: task.count,
              FailureReason: 'no permission',
            }
          }),
      }),
    },
  }
  return fake
}
