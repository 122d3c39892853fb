// What helps whoever looks: the alarm's description, and links into the console and to what the config names.
import type { ConfigInput } from '../../../../lambda/config.ts'
import { causesOf } from '../../../../lambda/core/correlate/cause.ts'
import type { Change } from '../../../../lambda/core/incident/alarm.ts'
import type { Block } from '../../../../lambda/core/notify/slack/blocks.ts'
import { alarmUrl, logsUrl, metricUrl } from '../../../../lambda/core/notify/slack/console.ts'
import { contextBlocks } from '../../../../lambda/core/notify/slack/context.ts'
import { render } from '../../../../lambda/core/notify/slack/message.ts'
import { alarm, play, recovery, rulesFor } from '../../incidents.ts'

test.each([
  [
    'eu-central-1',
    'a b',
    'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm/a%20b',
  ],
  [
    'us-gov-west-1',
    'a',
    'https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#alarmsV2:alarm/a',
  ],
  ['cn-north-1', 'a', 'https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1#alarmsV2:alarm/a'],
  [
    'eu-central-1',
    '|>\ud800',
    'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm/%7C%3E%EF%BF%BD',
  ],
  ['EU (Frankfurt)', 'a', undefined],
  ['evil.com/', 'a', undefined],
])('the alarm in the console of %s: %s', (region, name, url) => {
  expect(alarmUrl({ region, name })).toBe(url)
})

const EU = { region: 'eu-central-1' }
const HOME = 'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1'

test.each<[string, Parameters<typeof metricUrl>[0], string | undefined]>([
  [
    'with dimensions',
    { ...EU, namespace: 'AWS/ECS', metric: 'CPUUtilization', dimensions: { ServiceName: "web's (1)" }, stat: 'p99.9' },
    `${HOME}#metricsV2:graph=~(metrics~(~(~'AWS*2fECS~'CPUUtilization~'ServiceName~'web*27s*20*281*29))~region~'eu-central-1~stat~'p99.9~view~'timeSeries)`,
  ],
  ['without a region', { region: undefined, namespace: 'N', metric: 'm' }, undefined],
  ['of a query', { ...EU, metric: 'm' }, undefined],
  ['of a composite', { ...EU, namespace: 'N' }, undefined],
])('the metric in the console, %s', (_, about, url) => {
  expect(metricUrl(about)).toBe(url)
})

test.each<[string, Parameters<typeof logsUrl>[0], string | undefined]>([
  [
    'of a function',
    { ...EU, namespace: 'AWS/Lambda', dimensions: { FunctionName: 'shop-api' } },
    `${HOME}#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fshop-api`,
  ],
  ['of all functions', { ...EU, namespace: 'AWS/Lambda', dimensions: {} }, undefined],
  ['of something else', { ...EU, namespace: 'AWS/ECS', dimensions: { FunctionName: 'x' } }, undefined],
])('the logs in the console, %s', (_, about, url) => {
  expect(logsUrl(about)).toBe(url)
})

const shown = (services: ConfigInput['services'], changes: Change[], rest: Partial<ConfigInput> = {}): string[] => {
  const rules = rulesFor(services, rest)
  const { only: incident, alarms } = play(rules, changes)
  const view = { incident, causes: causesOf(incident, rules), alarms }
  expect(render(view, rules).blocks).toEqual(expect.arrayContaining(contextBlocks(view, rules)))
  return contextBlocks(view, rules).flatMap(wordsOf)
}
const wordsOf = (block: Block): string[] => (block['elements'] as { text: string }[])[0]!.text.split('\n')

describe('beside the alarm of the cause', () => {
  const description = 'Disk runs full. See https://wiki.example/disk?a=1&b=2. *Not* <!channel> <http://evil|here>'

  test('stands what its team wrote: its links can be opened, and nothing else takes effect', () => {
    expect(shown({ api: {} }, [alarm('api', 0, { description })])).toEqual([
      'Disk runs full. See <https://wiki.example/disk?a=1&amp;b=2>. ∗Not∗ &lt;!channel&gt; &lt;<http://evil>|here&gt;',
    ])
  })

  test('nothing, if there is nothing', () => {
    expect(shown({ api: {} }, [alarm('api', 0)])).toEqual([])
  })

  test('that of one that fires, of several', () => {
    const words = shown({ api: {} }, [
      alarm('api', 0, { name: 'api/disk', metric: 'disk_used', description: 'disk' }),
      alarm('api', 1, { name: 'api/memory', metric: 'memory_used', description: 'memory' }),
      recovery('api', 2, { name: 'api/disk', metric: 'disk_used', description: 'disk' }),
    ])
    expect(words).toEqual(['memory'])
  })

  test('not that of a symptom', () => {
    const services = { web: { dependsOn: ['db'] }, db: {} }
    const changes = [
      alarm('web', 0, { description: 'web' }),
      alarm('db', 0, { name: 'db/disk', metric: 'disk_used', description: 'db' }),
    ]
    expect(shown(services, changes)).toEqual(['db'])
  })

  test('links to the metric, the logs, and what the config names', () => {
    const links = { Dashboard: 'https://grafana.example/d/1?x=<y>&z', 'Run|book': 'https://wiki.example/a' }
    const facts = { ...EU, namespace: 'AWS/Lambda', metric: 'Errors', dimensions: { FunctionName: 'api' } }
    const [words] = shown({ api: { links } }, [alarm('api', 0, facts)])
    expect(words!.split(' · ').map((one) => one.replace(/<(.*)\|(.*)>/, '$2'))).toEqual([
      'Metric',
      'Logs',
      'Dashboard',
      'Run¦book',
    ])
    expect(words).toContain('https://grafana.example/d/1?x=%3Cy%3E&amp;z|Dashboard')
  })

  test('an address that would be cut is left out, and so are links for which there is no room', () => {
    const url = `https://wiki.example/${'x'.repeat(200)}`
    const links = Object.fromEntries(
      ['A', 'B', 'C', 'D'].map((label) => [label, `https://b.example/${'y'.repeat(950)}`]),
    )
    const services = { api: { links: { ...links, E: 'https://short.example' } } }
    const [words, linked] = shown(services, [
      alarm('api', 0, { description: `Read the page on the wiki first: ${url}` }),
    ])
    expect(words).toBe('Read the page on the wiki first: …')
    expect(linked!.split(' · ').map((one) => one.replace(/<.*\|(.*)>/, '$1'))).toEqual(['A', 'B', 'C', 'E'])
    expect(`${words}\n${linked}`.length).toBeLessThanOrEqual(3000)
  })
})

describe('where it is', () => {
  const accounts = { '111122223333': 'prod', '444455556666': 'monitoring' }
  const placeIn = (facts: Partial<Change>): string | undefined => {
    const rules = rulesFor({ api: { alarms: [{ name: '*' }] } }, { accounts })
    const { only: incident, alarms } = play(rules, [alarm('api', 0, facts)])
    const { blocks } = render({ incident, causes: causesOf(incident, rules), alarms }, rules)
    return wordsOf(blocks[1]!)[0]!.split(' · ').at(-1)
  }
  test.each<[string, Partial<Change>, string]>([
    ['an account with a name', { account: '111122223333', ...EU }, 'prod eu-central-1'],
    ['an account without one', { account: '777788889999', ...EU }, '777788889999 eu-central-1'],
    [
      'the account of the metric, and that of the alarm',
      { account: '111122223333', alarmAccount: '444455556666', ...EU },
      'prod eu-central-1 (alarm in monitoring)',
    ],
  ])('%s', (_, facts, words) => expect(placeIn(facts)).toBe(words))
})
