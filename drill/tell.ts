// A drill as a person reads it: what happened in how many seconds, the curves, each run with its steps, and every message counted.
import { amount } from '../lambda/core/words/units.ts'
import { marks, spark, type Window } from './curve.ts'
import type { Drill } from './drill.ts'
import type { Report } from './report.ts'
import type { Watched } from './watch.ts'

const WIDTH = 80
const CURVE_WIDTH = 36
const TITLE_WIDTH = 22

export function tell(report: Report, drill: Drill): string {
  const { options, world } = drill
  const parts = [
    heading(report, drill),
    outcome(report, drill),
    curves(report, drill),
    what(report),
    ...runs(report),
    ...listed('Left to do', report.left),
    ...listed('Why nothing was proposed', report.notProposed),
    ...(world.brokers.size + world.sqs.size > 0 ? [messages(report)] : []),
    `Slack: ${count(report.slack.posts, 'post')}, ${count(report.slack.updates, 'edit')}.`,
    ...(options.fault === 'crash' ? [`The process died ${count(drill.deaths, 'time')} in between.`] : []),
  ]
  return `\n${parts.join('\n\n')}\n\n`
}

const count = (n: number, word: string): string => `${n.toLocaleString('en-US')} ${word}${n === 1 ? '' : 's'}`

function heading({ world: name, mode }: Report, { options }: Drill): string {
  const how = mode === 'auto' ? 'auto' : `suggest, Approve after ${options.approveAfterSeconds} s`
  const fault = options.fault === 'none' ? '' : ` · fault: ${options.fault}`
  return [`${name} · ${how}${fault}`, ...wrapped(options.plan.title, 0)].join('\n')
}

/** Moments with their marks, in order. */
function momentsOf(report: Report, startMs: number): { sign: string; name: string; second: number; at: string }[] {
  const all: [string, string, string | null][] = [
    ['!', 'first alarm', report.firstAlarmAt],
    ['?', report.mode === 'auto' ? 'runs by itself' : 'proposed', report.proposedAt],
    ['✓', 'approved', report.approvedAt],
    ['■', 'acted', report.actedAt],
    ['♥', 'healthy', report.healthyAt],
    ['◐', 'mitigated', report.mitigatedAt],
    ['○', 'resolved', report.resolvedAt],
  ]
  return all
    .flatMap(([sign, name, at]) =>
      at === null || (report.mode === 'auto' && name === 'approved')
        ? []
        : [{ sign, name, second: Math.round((Date.parse(at) - startMs) / 1000), at }],
    )
    .toSorted((a, b) => a.second - b.second)
}

const startOf = ({ world }: Drill): number => Date.parse(world.plan.start)

function outcome(report: Report, drill: Drill): string {
  const { firstAlarmAt, secondsToHealthy } = report
  if (firstAlarmAt === null) return `No alarm fired in ${drill.world.second} s: nothing was there to do.`
  const first = Date.parse(firstAlarmAt)
  const lines = momentsOf(report, startOf(drill)).map(({ sign, name, at }) => {
    const after = name === 'first alarm' ? '' : `+${Math.round((Date.parse(at) - first) / 1000)} s`
    return `  ${sign} ${name.padEnd(16)}${at.slice(11, 19)}${after.padStart(10)}`.trimEnd()
  })
  const end =
    secondsToHealthy === null
      ? `Not healthy when the drill ended, ${Math.round((startOf(drill) + drill.world.second * 1000 - first) / 60_000)} min after the first alarm:\n${amiss(drill)}`
      : `Healthy ${secondsToHealthy} s after the first alarm.`
  return [...lines, '', end].join('\n')
}

const amiss = ({ world }: Drill): string =>
  world
    .complaints()
    .flatMap((complaint) => bullet(complaint))
    .join('\n')

/** From a little before the first alarm to a little after all is well. */
const BEFORE_SECONDS = 120
const AFTER_SECONDS = 90

function curves(report: Report, drill: Drill): string {
  const { watched, world } = drill
  const moments = momentsOf(report, startOf(drill)).filter(({ name }) => name !== 'resolved' && name !== 'mitigated')
  const last =
    report.healthyAt === null ? world.second : Math.max(...moments.map(({ second }) => second)) + AFTER_SECONDS
  const first = moments[0]?.second ?? BEFORE_SECONDS
  const window: Window = {
    from: Math.max(1, first - BEFORE_SECONDS),
    to: Math.min(world.second, last),
    width: CURVE_WIDTH,
  }
  const lines = watched.curves.map((curve) => curveLine(curve, window))
  const signs = `${' '.repeat(TITLE_WIDTH + 2)}${marks(moments, window)}`
  return [...lines, signs].join('\n')
}

function curveLine(curve: Watched['curves'][number], window: Window): string {
  const { title, values } = curve
  const shown = values.slice(window.from - 1, window.to - 1)
  const [most, last] = [Math.max(0, ...shown), shown.at(-1) ?? 0]
  return `  ${title.slice(0, TITLE_WIDTH - 1).padEnd(TITLE_WIDTH)}${spark(values, window)}  ${said(curve, most)} → ${said(curve, last)}`.trimEnd()
}

/** `38 GiB`, `0.3 s`, `54,160`. */
function said({ measures: { value } }: Watched['curves'][number], number: number): string {
  const metric = value.endsWith('Bytes') || value === 'bytes' ? 'Bytes' : /(Percent|Seconds)$/.exec(value)?.[0]
  const rounded = metric === 'Bytes' ? number : Number(number.toPrecision(metric === undefined ? 6 : 3))
  const whole = metric === undefined ? Math.round(rounded) : rounded
  return amount({ value: whole, namespace: undefined, metric: metric ?? 'Count' }) ?? String(whole)
}

/** Alarms and what the world did; the steps of the runs come below. */
function what({ timeline }: Report): string {
  const shown = timeline.filter(({ kind }) => !['acted', 'severity', 'cause'].includes(kind))
  const lines = shown.flatMap(({ at, kind, text }) =>
    wrapped(`${kind === 'alarm' ? '' : (SIGNS[kind] ?? '')}${text}`, 12).map((line, place) =>
      place === 0 ? `  ${at.slice(11, 19)}  ${line.trimStart()}` : line,
    ),
  )
  return ['What happened (UTC)', ...lines].join('\n')
}

const SIGNS: Record<string, string> = { world: '» ' }

const STEP_SIGNS = { done: '✓', failed: '✗', undone: '↺', running: '…' } as const

const runs = ({ runs: all }: Report): string[] =>
  all.map(({ runbook, target, status, steps }) =>
    [
      `${runbook} on ${target}: ${status}`,
      ...steps.map(({ name, status: step, at }) => `  ${STEP_SIGNS[step]} ${at.slice(11, 19)}  ${name}`),
    ].join('\n'),
  )

const listed = (title: string, items: readonly string[]): string[] =>
  items.length === 0 ? [] : [[title, ...items.flatMap(bullet)].join('\n')]

function messages({ messages: { published, consumed, kept, republished, lost, doubled } }: Report): string {
  const words = [
    `${published.toLocaleString('en-US')} published`,
    `${consumed.toLocaleString('en-US')} consumed`,
    `${kept.toLocaleString('en-US')} kept in S3`,
    ...(republished > 0 ? [`${republished.toLocaleString('en-US')} sent back`] : []),
    `${lost.toLocaleString('en-US')} lost`,
    `${doubled.toLocaleString('en-US')} doubled`,
  ]
  const note = kept > 0 ? ' Copies are smaller than their messages: a drill makes 256 bytes of each body at most.' : ''
  return wrapped(`Messages: ${words.join(', ')}.${note}`, 0).join('\n')
}

const bullet = (text: string): string[] =>
  wrapped(text, 4).map((line, place) => (place === 0 ? `  - ${line.trimStart()}` : line))

/** Lines of at most `WIDTH`, all indented alike. Removes control characters: they come from outside and could move the cursor. */
function wrapped(text: string, indent: number): string[] {
  const lines: string[] = []
  for (const word of text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').split(/ +/)) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= WIDTH - indent)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => `${' '.repeat(indent)}${line}`)
}
