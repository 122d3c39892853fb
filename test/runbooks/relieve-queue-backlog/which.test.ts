// Which queue is meant: the heaviest cannot be relieved, and a lighter one is above the level as well.
import { about, QUEUE, runbook, world } from './rabbitmq-world.ts'

const LIGHT = 'audit-log'

/** What the look chooses, or why it leaves all alone. */
async function chosen(
  signals: string[],
  dimensions: Record<string, string> = {},
  more: { approved?: string; bytesEach?: number } = {},
): Promise<string> {
  const here = world({ autoDelete: true })
  here.broker.add(LIGHT, 20_000, { bytesEach: more.bytesEach ?? 100 })
  const { approved } = more
  const { found, stop } = await runbook.look(here.tools, {
    ...about(),
    signals: signals as never,
    alarm: { name: 'one', dimensions },
    ...(approved !== undefined && { approved: { words: approved, on: { queue: approved } } }),
  })
  return stop ?? found.split(' holds ')[0]!
}

const DELETES_ITSELF = `${QUEUE} cannot be relieved: it deletes itself`

test.each<[string, Promise<string>, string]>([
  ['an alarm on length that names none: the next one is tried', chosen(['saturation']), LIGHT],
  ['an alarm on the length of the heavy one', chosen(['saturation'], { Queue: QUEUE }), DELETES_ITSELF],
  ['an alarm on the length of the light one', chosen(['saturation'], { Queue: LIGHT }), LIGHT],
  ['memory and length, and the light one holds little', chosen(['saturation', 'memory']), DELETES_ITSELF],
  ['disk and length, and it holds little', chosen(['saturation', 'disk']), DELETES_ITSELF],
  [
    'memory and length, and it holds much',
    chosen(['saturation', 'memory'], { Queue: QUEUE }, { bytesEach: 2_000 }),
    LIGHT,
  ],
  [
    'what was approved by name, whatever fires by then',
    chosen(['saturation'], { Queue: QUEUE }, { approved: LIGHT }),
    LIGHT,
  ],
])('%s', async (_, found, wanted) => expect(await found).toContain(wanted))
