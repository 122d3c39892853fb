// "Until morning" is the next 08:00 where the team is, even when the clocks change in between.
import { nextMorning } from '../../../lambda/core/respond/morning.ts'

describe('from', () => {
  test.each([
    // Europe/Zurich: summer time from 2024-03-31 02:00 to 2024-10-27 03:00
    ['Europe/Zurich', '2024-05-02T14:00:00Z', '2024-05-03T06:00:00Z', 'an afternoon in summer'],
    ['Europe/Zurich', '2024-01-15T14:00:00Z', '2024-01-16T07:00:00Z', 'an afternoon in winter'],
    ['Europe/Zurich', '2024-03-30T21:00:00Z', '2024-03-31T06:00:00Z', 'the night that loses an hour'],
    ['Europe/Zurich', '2024-10-26T20:00:00Z', '2024-10-27T07:00:00Z', 'the night that gains an hour'],
    ['Europe/Zurich', '2024-03-31T00:59:59Z', '2024-03-31T06:00:00Z', 'a second before the clocks go forward'],
    ['Europe/Zurich', '2024-10-27T00:30:00Z', '2024-10-27T07:00:00Z', 'the first half past two'],
    ['Europe/Zurich', '2024-10-27T01:30:00Z', '2024-10-27T07:00:00Z', 'the second half past two'],
    // America/New_York: 2024-03-10 02:00 to 2024-11-03 02:00
    ['America/New_York', '2024-03-10T04:00:00Z', '2024-03-10T12:00:00Z', 'the night that loses an hour'],
    ['America/New_York', '2024-11-03T03:00:00Z', '2024-11-03T13:00:00Z', 'the night that gains an hour'],
    ['America/New_York', '2024-07-04T03:59:00Z', '2024-07-04T12:00:00Z', '23:59'],
    ['Asia/Kolkata', '2024-05-02T18:29:00Z', '2024-05-03T02:30:00Z', '23:59 in a zone of half hours'],
    ['Pacific/Auckland', '2024-05-02T14:00:00Z', '2024-05-02T20:00:00Z', 'two at night, a day ahead'],
    ['UTC', '2024-05-02T00:00:00Z', '2024-05-02T08:00:00Z', 'midnight'],
    ['UTC', '2024-05-02T23:59:59Z', '2024-05-03T08:00:00Z', 'a second before midnight'],
    ['UTC', '2024-05-02T07:00:00Z', '2024-05-02T08:00:00Z', '07:00, an hour before'],
    ['UTC', '2024-05-02T07:55:00Z', '2024-05-03T08:00:00Z', '07:55: five minutes are no quiet'],
    ['UTC', '2024-05-02T08:00:00Z', '2024-05-03T08:00:00Z', '08:00'],
    ['UTC', '2024-02-28T12:00:00Z', '2024-02-29T08:00:00Z', 'the day before a leap day'],
    ['UTC', '2024-12-31T12:00:00Z', '2025-01-01T08:00:00Z', 'the last day of a year'],
    ['Europe/Zurich', '2024-05-02T05:55:00Z', '2024-05-03T06:00:00Z', '07:55 there'],
  ])('%s %s to %s: %s', (zone, now, morning) => {
    expect(new Date(nextMorning(Date.parse(now), zone)).toISOString()).toBe(morning.replace('Z', '.000Z'))
  })

  test('any moment of two years: at 08:00 there, at least an hour and at most 25 hours ahead, or 26 in autumn', () => {
    const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Zurich' })
    for (let now = Date.parse('2024-01-01T00:13:00Z'); now < Date.parse('2026-01-01'); now += 7 * 3_600_000) {
      const morning = nextMorning(now, 'Europe/Zurich')
      expect(hour.format(morning)).toBe('08:00')
      expect(morning - now).toBeGreaterThanOrEqual(3_600_000)
      expect(morning - now).toBeLessThan(26 * 3_600_000)
    }
  })
})
