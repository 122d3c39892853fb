// What a config looks like once every default is filled in, and what it may consist of.
import { checkConfig, configSchema } from '../../../lambda/config.ts'
import { CORRELATION } from '../../../lambda/core/services/config.ts'

const slack = { channel: 'C0123456' }
const withServices = (services: unknown): unknown => ({ slack, services })
const withRest = (rest: object): unknown => ({ slack, services: { api: {} }, ...rest })

describe('what is left out has a default', () => {
  const config = checkConfig({ slack, services: { api: {} } })

  test('for all of it', () => {
    expect(config).toEqual({
      slack: { channel: 'C0123456', approvers: [] },
      teams: {},
      timeZone: 'UTC',
      watchdog: { emails: [], syntheticMinutes: 15, dashboard: true },
      deploy: { name: 'Tocsin', customerKey: false, logDays: 30, clicksAtOnce: 10 },
      remediation: {
        stopped: false,
        cooldownSeconds: 600,
        perHour: 3,
        autoPerHour: 3,
        expirySeconds: 3600,
        recurrence: { times: 3, days: 7 },
      },
      services: { api: { title: 'api', kind: 'service', dependsOn: [], alarms: [], statusPage: [], watch: false } },
      signals: [],
      accounts: {},
      ignore: [],
      ignoreTargetTracking: true,
      severity: [],
      correlation: CORRELATION,
      escalation: [],
      runbooks: [],
    })
  })

  test('also where only a part is given', () => {
    const { correlation } = checkConfig(withRest({ correlation: { holdSeconds: 60, flap: { changes: 4 } } }))
    expect(correlation).toEqual({ ...CORRELATION, holdSeconds: 60, flap: { ...CORRELATION.flap, changes: 4 } })
  })

  test('survives being written and read as JSON', () => {
    expect(JSON.parse(JSON.stringify(config))).toEqual(config)
    expect(checkConfig(JSON.parse(JSON.stringify(config)))).toEqual(config)
  })
})

describe('lawful, and taken', () => {
  test.each<[string, unknown]>([
    ['a cycle', withServices({ a: { dependsOn: ['b'] }, b: { dependsOn: ['c'] }, c: { dependsOn: ['a'] } })],
    ['two that depend on each other', withServices({ a: { dependsOn: ['b'] }, b: { dependsOn: ['a'] } })],
    ['no services yet', withServices({})],
    ['a schema for the editor', withRest({ $schema: './schema.json' })],
    ['a status page of any form', withRest({ statusPage: { anything: [1] } })],
    [
      'zero everywhere',
      withRest({ correlation: { windowSeconds: 0, resolveGraceSeconds: 0, reopenWindowSeconds: 0 } }),
    ],
    [
      'two matchers that differ in a value',
      withServices({ a: { alarms: [{ name: 'x' }] }, b: { alarms: [{ name: 'y' }] } }),
    ],
  ])('%s', (_, input) => {
    expect(() => checkConfig(input)).not.toThrow()
  })

  const ODD = [
    'a.b',
    'team/shop',
    'urn:shop:1',
    'Shop and Pay',
    'x'.repeat(128),
    '商店',
    '"q"',
    '[0]',
    '0',
    'null',
    '🦉',
  ]
  const INHERITED = ['constructor', 'toString', 'hasOwnProperty']
  test.each([...ODD, ...INHERITED])('the id %j', (id) => {
    const services = JSON.parse(
      `{"api":{"dependsOn":[${JSON.stringify(id)}]},${JSON.stringify(id)}:{"title":"T"}}`,
    ) as object
    const config = checkConfig({ slack, services })
    expect(Object.keys(config.services)).toContain(id)
    expect(Object.getOwnPropertyDescriptor(config.services, id)!.value).toMatchObject({ title: 'T' })
  })
})

test('the schema for editors is JSON Schema', () => {
  expect(configSchema()).toMatchObject({ type: 'object', properties: { services: { type: 'object' } } })
})

test('the one id that an object cannot hold is refused, and says so', () => {
  const input: unknown = JSON.parse('{ "slack": { "channel": "x" }, "services": { "__proto__": {} } }')
  expect(() => checkConfig(input)).toThrow('services.__proto__: cannot be an id; choose another one')
})
