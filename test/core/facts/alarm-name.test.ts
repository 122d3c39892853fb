// The names of the alarms that Tocsin creates: CloudWatch accepts them, and they lead back to their service, signal and unit.
import fc from 'fast-check'
import { alarmName, ownerFinder, signalInName, unitInName, type What } from '../../../lambda/core/facts/alarm-name.ts'
import { serviceFinder } from '../../../lambda/core/services/matching.ts'
import { rulesFor } from '../incidents.ts'

const WHAT: What = 'disk-used-percent'
const name = (service: string, ...resource: string[]): string => alarmName({ service, resource, what: WHAT })

describe('a name', () => {
  test.each<[string, string[], string]>([
    ['shop', ['sqs', 'orders'], 'tocsin/shop/sqs:orders/disk-used-percent'],
    ['team/shop', ['ec2', 'i-0abc', '/var/lib'], 'tocsin/team/shop/ec2:i-0abc:|var|lib/disk-used-percent'],
    ['Shop and Pay', ['host', 'C:'], 'tocsin/Shop and Pay/host:C%3A/disk-used-percent'],
    ['urn:shop:1', ['host', '50%|x'], 'tocsin/urn:shop:1/host:50%25%7Cx/disk-used-percent'],
  ])('of %j and %j', (service, resource, expected) => {
    expect(name(service, ...resource)).toBe(expected)
  })

  test('has the name of a stack that is not called as usual', () => {
    const built = alarmName({ stack: 'Staging', service: 'team/shop', resource: ['sqs', 'q'], what: WHAT })
    expect(built).toBe('tocsin@Staging/team/shop/sqs:q/disk-used-percent')
    expect([ownerFinder(['team/shop'], 'Staging')(built), ownerFinder(['team/shop'])(built)]).toEqual([
      'team/shop',
      undefined,
    ])
    expect([signalInName(built), unitInName(built)]).toEqual(['disk', 'percent'])
  })

  test('has the hash of an id that no name can hold', () => {
    expect(name('a\nb', 'sqs', 'q')).toMatch(/^tocsin\/#[0-9a-f]{16}\/sqs:q\/disk-used-percent$/)
    expect(name('商'.repeat(128), 'sqs', 'q')).toMatch(/^tocsin\/#[0-9a-f]{16}\/sqs:q\/disk-used-percent$/)
  })

  test('is cut in its resource where it would be too long, and stays apart from its like', () => {
    const [one, other] = ['1', '2'].map((end) => name('x'.repeat(128), 'alb', `app/${'a'.repeat(120)}${end}`))
    expect(one!.length).toBe(255)
    expect(other!.length).toBe(255)
    expect(one).not.toBe(other)
  })
})

const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 128, unit: 'binary' }),
  fc.string({ minLength: 1, maxLength: 128, unit: fc.constantFrom('a', '/', ':', ' ', '#', '0', 'tocsin', '\ud800') }),
  fc.constantFrom('tocsin', 'tocsin/a', '#0123456789abcdef', 'a/b/c', '/', '//', 'constructor'),
)
const ids = fc.uniqueArray(
  id.map((one) => one.slice(0, 128)),
  { minLength: 1, maxLength: 8 },
)
const resource = fc.array(fc.string({ minLength: 1, maxLength: 255, unit: 'binary' }), { minLength: 1, maxLength: 3 })
const what = fc.constantFrom<What>(
  'disk-used-percent',
  'availability-reports-count',
  `latency-${'x'.repeat(60)}-seconds`,
)

describe('for any services and resources', () => {
  test('a name is one that CloudWatch takes', () => {
    fc.assert(
      fc.property(id, resource, what, (service, resource, what) => {
        const built = alarmName({ service, resource, what })
        expect(Buffer.byteLength(built)).toBeLessThanOrEqual(255)
        expect(built).not.toMatch(/\p{Cc}/u)
        expect(built.isWellFormed()).toBe(true)
      }),
    )
  })

  test('a name leads back to its service, signal and unit', () => {
    fc.assert(
      fc.property(ids, resource, what, (services, resource, what) => {
        const find = ownerFinder(services)
        for (const service of services) {
          const built = alarmName({ service, resource, what })
          expect(find(built)).toBe(service)
          expect(`${signalInName(built)} ${unitInName(built)}`).toBe(`${what.split('-')[0]} ${what.split('-').at(-1)}`)
        }
      }),
    )
  })

  test('two things never share a name', () => {
    const parts = fc.tuple(
      id,
      resource.map((parts) => parts.map((part) => part.toWellFormed())),
      what,
    )
    fc.assert(
      fc.property(parts, parts, ([s1, r1, w1], [s2, r2, w2]) => {
        const same = s1 === s2 && w1 === w2 && JSON.stringify(r1) === JSON.stringify(r2)
        const [one, other] = [
          alarmName({ service: s1, resource: r1, what: w1 }),
          alarmName({ service: s2, resource: r2, what: w2 }),
        ]
        expect(one === other).toBe(same)
      }),
    )
  })
})

describe("a name that is not Tocsin's", () => {
  test.each([
    '',
    'tocsin',
    'tocsin/',
    'tocsin/shop',
    'tocsin/shop/x',
    'tocsin//x/y',
    'shop/x/disk-used-percent',
    '/a/b/c',
  ])('%j belongs to nobody by its name', (foreign) => {
    expect(ownerFinder(['shop', 'sho', 'x', 'tocsin', 'a'])(foreign)).toBeUndefined()
  })

  test('has no signal of its own', () => {
    expect(signalInName('shop/x/disk-used-percent')).toBeUndefined()
    expect(signalInName('tocsin/shop/x/nothing-count')).toBeUndefined()
    expect(unitInName('tocsin/shop/x/disk')).toBeUndefined()
  })
})

describe('an alarm that was made for a service', () => {
  const rules = rulesFor({
    greedy: { alarms: [{ name: '*' }, { dimensions: { QueueName: 'orders' } }] },
    'team/shop': {},
    shop: {},
  })
  const facts = { dimensions: { QueueName: 'orders' }, namespace: 'AWS/SQS' }

  test('belongs to it, whatever the matchers of others take', () => {
    const find = serviceFinder(rules.config.services)
    expect(find({ ...facts, name: name('team/shop', 'sqs', 'orders') })).toBe('team/shop')
    expect(find({ ...facts, name: name('shop', 'sqs', 'orders') })).toBe('shop')
    expect(find({ ...facts, name: name('gone', 'sqs', 'orders') })).toBe('greedy')
  })

  test('has the signal it was made for, unless the user says otherwise', () => {
    const change = { key: 'k', state: 'ALARM' as const, at: 0, namespace: 'CWAgent', metric: 'mem_used_percent' }
    const silent = alarmName({ service: 'shop', resource: ['host', 'a'], what: 'availability-reports-count' })
    expect(rules.signalOf({ ...change, name: silent })).toBe('availability')
    expect(rules.signalOf({ ...change, name: 'mine' })).toBe('memory')
    const told = rulesFor({ shop: {} }, { signals: [{ namespace: 'CWAgent', signal: 'other' }] })
    expect(told.signalOf({ ...change, name: silent })).toBe('other')
  })
})
