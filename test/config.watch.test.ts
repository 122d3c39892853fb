// `watch` in the config: what it may be, and every mistake with its key and what to write instead.
import { checkConfig } from '../lambda/config.ts'

const check = (service: unknown): unknown =>
  checkConfig({ slack: { channel: 'C0123456' }, services: { shop: service } }).services['shop']!.watch
const target = { sqs: { queue: 'orders' } }

describe('watch may be', () => {
  test.each([[true], [false], [{}], [{ diskUsedPercent: 70, p99Seconds: 1.5 }], [{ cpuPercent: false }]])(
    '%j',
    (watch) => {
      expect(check({ target, watch })).toEqual(watch)
    },
  )

  test('left out, which is false', () => {
    expect(check({ target })).toBe(false)
  })
})

describe('a mistake has its key and what to write', () => {
  test.each<[string, unknown, string]>([
    [
      'a word',
      { target, watch: 'yes' },
      'services.shop.watch: must be true, false, or an object of thresholds like { diskUsedPercent: 85 }',
    ],
    [
      'a typo',
      { target, watch: { diskUsdPercent: 5 } },
      'services.shop.watch.diskUsdPercent: is not a key of this config; did you mean "diskUsedPercent"?',
    ],
    [
      'a text',
      { target, watch: { cpuPercent: '80' } },
      'services.shop.watch.cpuPercent: is "80"; write a number from 1 to 100, or false to leave its alarms out',
    ],
    [
      'true',
      { target, watch: { cpuPercent: true } },
      'services.shop.watch.cpuPercent: is true; write a number from 1 to 100',
    ],
    [
      'too much',
      { target, watch: { cpuPercent: 120 } },
      'services.shop.watch.cpuPercent: is 120; write a number from 1 to 100',
    ],
    [
      'no number',
      { target, watch: { queueDepth: NaN } },
      'services.shop.watch.queueDepth: is NaN; write a number from 0',
    ],
    [
      'no target',
      { watch: true },
      'services.shop.watch: makes alarms for the resources in target, and there is no target; write one, like target: { sqs:',
    ],
    [
      'an empty target',
      { watch: true, target: {} },
      'services.shop.watch: finds nothing in target that CloudWatch has metrics for; write one of rabbitmq.broker, sqs.queue',
    ],
    [
      'a broker of its own',
      { watch: true, target: { rabbitmq: { api: 'https://broker.internal:15671' } } },
      'services.shop.watch: finds nothing in target',
    ],
    ['no instances', { watch: {}, target: { ec2: { unit: 'shop' } } }, 'services.shop.watch: finds nothing in target'],
    ['an empty database', { watch: true, target: { rds: {} } }, 'services.shop.watch: finds nothing in target'],
    [
      'another account',
      { watch: true, target: { ...target, role: 'arn:aws:iam::123456789012:role/tocsin' } },
      "services.shop.watch: makes alarms in Tocsin's own account, and target.role says that the service lives in another one; leave watch out",
    ],
    [
      'another region',
      { watch: true, target: { ...target, region: 'eu-west-1' } },
      "services.shop.watch: makes alarms in Tocsin's own region, and target.region names one; leave target.region out if it is the same",
    ],
    [
      'a machine that is managed',
      { watch: true, target: { ec2: { instances: ['i-1', 'mi-2'] } } },
      'services.shop.target.ec2.instances[1]: is a machine on premises, which reports its metrics under the name of its host; for its alarms write target.onPremises',
    ],
    [
      'an operation of no table',
      { target: { dynamodb: { table: 't', operations: ['Get/Item'] } } },
      'services.shop.target.dynamodb.operations[0]: is not an operation of DynamoDB; write one like "GetItem"',
    ],
  ])('%s', (_, service, line) => {
    expect(() => check(service)).toThrow(line)
  })

  test('and none where the place of the service does not matter, or its machines are named', () => {
    expect(check({ watch: false, target: { ...target, region: 'eu-west-1' } })).toBe(false)
    expect(check({ watch: true, target: { ec2: { instances: ['mi-2'] }, onPremises: { hosts: ['cellar'] } } })).toBe(
      true,
    )
  })
})
