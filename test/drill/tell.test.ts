// A drill's output for people.
import { describe, expect, test } from '@jest/globals'
import { marks, spark } from '../../drill/curve.ts'
import { tell } from '../../drill/tell.ts'
import { BUILT_IN, inputOf, rehearse } from './worlds.ts'

describe('a curve', () => {
  const values = [0, 0, 5, 10, 10, 5, 0, 0]
  const window = { from: 1, to: 9, width: 8 }

  test('has a block for each moment, on a scale that begins at nothing', () => {
    expect(spark(values, window)).toBe('▁▁▅██▅▁▁')
    expect(spark(values, { ...window, width: 4 })).toBe('▁██▁')
    expect(spark([], window)).toBe('        ')
  })

  test('has marks under it; two at the same moment stand side by side', () => {
    const moments = [
      { sign: '?', second: 2 },
      { sign: '!', second: 2 },
      { sign: '♥', second: 8 },
    ]
    expect(marks(moments, window)).toBe(' ?!    ♥')
  })
})

describe('the story', () => {
  test.each(BUILT_IN)('of %s fits into 80 columns', async (name) => {
    const { report, drill } = await rehearse(inputOf(name), { name })
    const lines = tell(report, drill).split('\n')
    expect(lines.filter((line) => [...line].length > 80)).toEqual([])
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([])
  })

  test('says how long it took, what happened, and what became of each message', async () => {
    const { report, drill } = await rehearse(inputOf('broker-queue-backlog'), { name: 'broker-queue-backlog' })
    const story = tell(report, drill)
    for (const words of [
      'broker-queue-backlog · suggest, Approve after 30 s',
      `Healthy ${report.secondsToHealthy} s after the first alarm.`,
      '» the consumers of campaign-jobs stop',
      'studio-broker/disk-free fires',
      'relieve-queue-backlog on rabbitmq studio-broker',
      'Move the messages of campaign-jobs to S3',
      '0 lost, 0',
    ])
      expect(story).toContain(words)
  })

  test('says what is still wrong where nothing helped', async () => {
    const { report, drill } = await rehearse(inputOf('memory-leak'), { fault: 'no-help' })
    const story = tell(report, drill)
    expect(story).toContain('fault: no-help')
    expect(story).toContain('Not healthy when the drill ended')
    expect(story).toContain('studio-api/memory: studio-api memoryPercent is')
  })
})
