// Which service an alarm belongs to.
import { runInNewContext } from 'node:vm'
import type { Matcher } from '../../../lambda/core/services/config.ts'
import { glob, serviceFinder } from '../../../lambda/core/services/matching.ts'
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { rulesFor } from '../incidents.ts'

type Facts = Partial<Pick<Change, 'name' | 'namespace' | 'metric' | 'dimensions' | 'account' | 'region'>>

const finder = (services: Record<string, Matcher[]>): ((facts: Facts) => string) => {
  const rules = rulesFor(Object.fromEntries(Object.entries(services).map(([id, alarms]) => [id, { alarms }])))
  const find = serviceFinder(rules.config.services)
  return (facts) => find({ name: 'an-alarm', ...facts })
}

describe('a matcher', () => {
  const facts: Facts = {
    name: 'shop-prod-5xx',
    namespace: 'AWS/ApplicationELB',
    metric: 'HTTPCode_Target_5XX_Count',
    dimensions: { LoadBalancer: 'app/shop/50dc6c495c0c9188', TargetGroup: 'tg' },
    account: '123456789012',
    region: 'eu-central-1',
  }
  test.each<[string, Matcher, boolean]>([
    ['the whole name', { name: 'shop-prod-5xx' }, true],
    ['a part of the name', { name: 'shop' }, false],
    ['the name in other letters', { name: 'SHOP-prod-5xx' }, false],
    ['a star at the end', { name: 'shop-*' }, true],
    ['a star at the start', { name: '*-5xx' }, true],
    ['stars around', { name: '*prod*' }, true],
    ['a star for nothing', { name: 'shop-prod-5xx*' }, true],
    ['a question mark', { name: 'shop-prod-?xx' }, true],
    ['a question mark for nothing', { name: 'shop-prod-5xx?' }, false],
    ['a dot that is no wildcard', { name: 'shop.prod*' }, false],
    ['namespace and metric', { namespace: 'AWS/*', metric: '*5XX*' }, true],
    ['namespace right, metric wrong', { namespace: 'AWS/*', metric: '*4XX*' }, false],
    ['an exact dimension', { dimensions: { TargetGroup: 'tg' } }, true],
    ['a dimension with a star over slashes', { dimensions: { LoadBalancer: 'app/shop/*' } }, true],
    ['one dimension of two wrong', { dimensions: { TargetGroup: 'tg', LoadBalancer: 'app/admin/*' } }, false],
    ['a dimension that is not there', { dimensions: { Cluster: '*' } }, false],
    ['account and region', { account: '123456789012', region: 'eu-*' }, true],
    ['another account', { account: '999999999999', name: 'shop-*' }, false],
    ['another region', { region: 'us-*', name: 'shop-*' }, false],
  ])('%s', (_, matcher, fits) => {
    expect(finder({ shop: [matcher] })(facts)).toBe(fits ? 'shop' : 'tg targets')
  })

  test('asks for what an alarm does not have: no match', () => {
    expect(finder({ shop: [{ metric: '*' }] })({})).toBe('an-alarm')
    expect(finder({ shop: [{ dimensions: { A: 'b' } }] })({})).toBe('an-alarm')
  })
})

describe('among several', () => {
  const find = finder({
    first: [{ name: 'both-*' }, { dimensions: { A: 'x' } }],
    second: [{ name: '*' }, { dimensions: { A: 'y' } }],
    third: [{ dimensions: { A: 'x', B: 'z' } }],
  })
  test.each<[string, Facts, string]>([
    ['the first in the config wins', { name: 'both-match' }, 'first'],
    ['also where a later one has a dimension', { name: 'n', dimensions: { A: 'y' } }, 'second'],
    ['also where a later one is more exact', { name: 'n', dimensions: { A: 'x', B: 'z' } }, 'first'],
    ['also where an earlier one has the dimension', { name: 'n', dimensions: { A: 'x' } }, 'first'],
    ['the rest goes to the widest', { name: 'n' }, 'second'],
  ])('%s', (_, facts, service) => {
    expect(find(facts)).toBe(service)
  })
})

const ODD_IDS = [
  'a.b',
  'team/shop',
  'urn:shop:1',
  'Shop and Pay',
  's',
  'x'.repeat(128),
  '商店',
  '"quoted"',
  '*',
  '[a]',
  '-',
]
const INHERITED = ['constructor', 'toString', 'hasOwnProperty', 'valueOf']

describe('without matchers', () => {
  const find = finder({ shop: [], pay: [], 'team/ship': [], claimed: [{ name: 'other-*' }] })
  test.each<[string, Facts, string]>([
    ['its name', { name: 'shop' }, 'shop'],
    ['a dimension', { dimensions: { Cluster: 'c', ServiceName: 'pay' } }, 'pay'],
    ['a part of its name', { name: 'prod/shop/latency' }, 'shop'],
    ['a dimension before its name', { name: 'shop/latency', dimensions: { ServiceName: 'pay' } }, 'pay'],
    ['a dimension that holds a slash', { dimensions: { ServiceName: 'team/ship' } }, 'team/ship'],
    ['a matcher before all', { name: 'other-x', dimensions: { ServiceName: 'pay' } }, 'claimed'],
    ['nothing: a service of its own', { name: 'nobody-knows' }, 'nobody-knows'],
    ['a word within its name is not enough', { name: 'shopping/x' }, 'shopping/x'],
    ['a name of slashes only', { name: '///' }, '///'],
  ])('tells it by %s', (_, facts, service) => {
    expect(find(facts)).toBe(service)
  })

  test.each([...ODD_IDS, ...INHERITED])('finds a service with the id %j', (id) => {
    expect(finder({ [id]: [] })({ dimensions: { ServiceName: id } })).toBe(id)
  })

  test.each(INHERITED)('an alarm named %s is a service of its own', (name) => {
    expect(find({ name, dimensions: { [name]: 'x' } })).toBe(name)
  })
})

describe('a pattern', () => {
  test.each<[string, string, boolean]>([
    ['*', '', true],
    ['*', 'line\nbreak', true],
    ['a*c', 'abbbc', true],
    ['a**c', 'ac', true],
    ['?', '🦉', true],
    ['??', 'a', false],
    ['(a|b)', 'a', false],
    ['(a|b)', '(a|b)', true],
    ['a+[b]{2}^$\\*', 'a+[b]{2}^$\\x', true],
    ['a-*', 'a\\-b', false],
  ])('%j on %j: %s', (pattern, text, fits) => {
    expect(glob(pattern)(text)).toBe(fits)
  })

  // In a script with a time limit: Jest could not end something that runs for hours.
  test.each([
    ['*-*-*-*-*-*-prod', '-'.repeat(255)],
    ['*a*a*a*a*a*a*b', 'a'.repeat(255)],
    ['?*?*?*?*?*?*!', 'x'.repeat(255)],
  ])('with many stars, %j, answers at once', (pattern, text) => {
    expect(runInNewContext('fits(text)', { fits: glob(pattern), text }, { timeout: 500 })).toBe(false)
  })
})
