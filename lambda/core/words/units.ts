// Numbers as people say them: 3.8 of 4 GiB free, not 4080218931.
import type { Alarm, Measure } from '../incident/alarm.ts'
import { unitInName } from '../facts/alarm-name.ts'
import { factsOf, UNIT_WORDS, type Unit } from '../facts/metrics.ts'

type Measured = Pick<Alarm, 'namespace' | 'metric'> & { name?: string }

/** The name of an alarm that Tocsin made tells the unit: metric math may have turned bytes into percent or hours. */
function unitOf({ namespace, metric, name }: Measured): Unit {
  const named = name === undefined ? undefined : unitInName(name)
  if (named !== undefined) return named
  if (metric === undefined) return 'count'
  return factsOf(namespace, metric)?.[1] ?? UNIT_WORDS.find(([, word]) => word.test(metric))?.[0] ?? 'count'
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** In the largest unit in which `scale` is at least one. */
function scaled(value: number, scale: number): [number: number, unit: string] {
  const power = Math.min(BYTES.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(scale))) / 10)))
  return [Number((value / 1024 ** power).toPrecision(3)), BYTES[power]!]
}

/** `3.84 GiB`: three significant figures. */
export const bytes = (value: number): string => scaled(value, value).join(' ')

/** At most three significant figures; whole numbers below a million as they are. Intl would cost every cold start ten milliseconds. */
function round(value: number): string {
  const figures = Math.abs(value) >= 100 ? 3 : 2
  const rounded = Number.isInteger(value) && Math.abs(value) < 1_000_000 ? value : Number(value.toPrecision(figures))
  const [whole, fraction] = String(rounded).split('.')
  const grouped = byThousands(whole!)
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** `-1,234,567` */
function byThousands(whole: string): string {
  const groups: string[] = []
  let rest = whole
  for (; /\d{4}$/.test(rest); rest = rest.slice(0, -3)) groups.unshift(rest.slice(-3))
  return [rest, ...groups].join(',')
}

/** A number and its unit: `[3.8, GiB]`. Bytes take the unit of `scale`, so that two values can be shown side by side. */
function show(value: number, unit: Unit, scale = value): [string, string] {
  if (unit === 'percent') return [round(value), '%']
  if (unit === 'hours') return [round(value), ' h']
  if (unit === 'count') return [round(value), '']
  if (unit === 'bytes') {
    const [number, suffix] = scaled(value, scale)
    return [round(number), ` ${suffix}`]
  }
  const ms = unit === 'seconds' ? value * 1000 : value
  if (Math.abs(ms) < 1000 && ms !== 0 && Math.abs(unit === 'seconds' ? scale * 1000 : scale) < 1000)
    return [round(ms), ' ms']
  if (Math.abs(ms) >= 120_000) return [round(ms / 60_000), ' min']
  return [round(ms / 1000), ' s']
}

/** `3.8 of 4 GiB free`, `61,240 > 50,000`, `6.1 s > 2.5 s`; undefined if the alarm has no value. */
export function compare(alarm: Measure & Measured): string | undefined {
  const { value, threshold, side, metric } = alarm
  if (value === undefined) return undefined
  const unit = unitOf(alarm)
  const [number, suffix] = show(value, unit, threshold ?? value)
  if (threshold === undefined || side === undefined || side === 'outside') return number + suffix
  const [limit, limitSuffix] = show(threshold, unit)
  const left = unit !== 'percent' && unit !== 'hours' && /free|available|remaining/i.test(metric ?? '')
  if (left && value < threshold && suffix === limitSuffix) return `${number} of ${limit}${limitSuffix} free`
  if (number + suffix === limit + limitSuffix && value !== threshold)
    return `just ${value > threshold ? 'over' : 'under'} ${limit}${limitSuffix}`
  return `${number}${suffix} ${value > threshold ? '>' : value < threshold ? '<' : '='} ${limit}${limitSuffix}`
}

/** Its threshold, or another number of its unit. */
export const limitOf = (alarm: Measured, threshold: number): string => show(threshold, unitOf(alarm)).join('')

/** The value alone: once the alarm has recovered, its threshold no longer matters. */
export function amount(alarm: Measure & Measured): string | undefined {
  return alarm.value === undefined ? undefined : show(alarm.value, unitOf(alarm)).join('')
}

/** One alarm in a few words: its metric, and its value next to the threshold. */
export function describe(alarm: Pick<Alarm, 'name' | 'namespace' | 'metric'> & Measure): string {
  const numbers = compare(alarm)
  return `${alarm.metric ?? alarm.name}${numbers === undefined ? '' : ` ${numbers}`}`
}
