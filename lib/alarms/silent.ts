// The alarm for a resource that no longer reports anything: all its other alarms would stay as they are, and nobody would be told.
import { FIVE_MINUTES, type Row, type Series } from './row.ts'

const HELPS = 'Look whether it runs; start it again.'

/** `reports`: the count of samples of any metric that is always reported. */
export const silent = (reports: Series, means: string, helps = HELPS): Row => ({
  what: 'availability-reports-count',
  measures: reports,
  under: 'silentMinutes',
  scaled: () => 1,
  every: FIVE_MINUTES,
  hold: (minutes) => [Math.ceil(minutes / 5), Math.ceil(minutes / 5)],
  silence: 'bad',
  means,
  helps,
})
