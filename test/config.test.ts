// The user's one file: every mistake is reported at once, each with its key and what to write instead.
import { checkConfig, ConfigError, type Mistake } from '../lambda/config.ts'

const mistakesIn = (input: unknown): Mistake[] => {
  try {
    checkConfig(input)
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  return []
}

const lines = (input: unknown): string =>
  mistakesIn(input)
    .map(({ key, problem }) => `${key}: ${problem}`)
    .join('\n')

const slack = { channel: 'C0123456' }
const withServices = (services: unknown): unknown => ({ slack, services })
const withRest = (rest: object): unknown => ({ slack, services: { api: {} }, ...rest })

describe('each mistake has its key, and what to write', () => {
  test.each<[string, unknown, string]>([
    [
      'an unknown service',
      withServices({ api: { dependsOn: ['dbb'] }, db: {} }),
      'services.api.dependsOn[0]: there is no service "dbb"; did you mean "db"?',
    ],
    [
      'a dependency on itself',
      withServices({ api: { dependsOn: ['api'] } }),
      'services.api.dependsOn[0]: a service does not depend on itself; leave it out',
    ],
    [
      'the same matcher twice',
      withServices({
        a: { alarms: [{ dimensions: { X: '1', Y: '2' }, name: 'n' }] },
        b: { alarms: [{ name: 'n', dimensions: { Y: '2', X: '1' } }] },
      }),
      'services.b.alarms[0]: the service "a" has the same matcher; an alarm belongs to one service',
    ],
    [
      'an empty matcher',
      withServices({ a: { alarms: [{}] } }),
      'services.a.alarms[0]: an empty matcher would take every alarm; say which ones',
    ],
    [
      'a team that is not there',
      withRest({ services: { api: { team: 'pya' } }, teams: { pay: { channel: '#pay' } } }),
      'services.api.team: there is no team "pya"; did you mean "pay"?',
    ],
    [
      'a team where there are none',
      withServices({ api: { team: 'pay' } }),
      'services.api.team: there is no team "pay"; write it under `teams`, with its channel',
    ],
    ['a team without a channel', withRest({ teams: { pay: {} } }), 'teams.pay.channel: is missing; write a string'],
    [
      'a channel that is written in two ways',
      { slack: { channel: '#ops' }, services: {}, teams: { pay: { channel: 'ops' }, data: { channel: '#ops' } } },
      'teams.pay.channel: is the channel of slack.channel: write it the same way, "#ops"',
    ],
    [
      'a channel that differs only in its letters',
      { slack: { channel: '#ops' }, services: {}, teams: { pay: { channel: '##Ops' } } },
      'teams.pay.channel: is the channel of slack.channel: write it the same way, "#ops"',
    ],
    [
      'a channel that is none',
      withRest({ teams: { pay: { channel: 'https://acme.slack.com/archives/C0123456' } } }),
      'teams.pay.channel: is no channel; write its name, like "#ops", or its id (C…)',
    ],
    [
      'a channel without a name',
      withRest({ teams: { pay: { channel: '#' } } }),
      'teams.pay.channel: is no channel; write its name, like "#ops", or its id (C…)',
    ],
    [
      'steps of a team that are out of order',
      withRest({
        teams: {
          pay: {
            channel: '#pay',
            escalation: [
              { afterSeconds: 60, notify: ['U0PAUL'] },
              { afterSeconds: 30, notify: ['U0PIA'] },
            ],
          },
        },
      }),
      'teams.pay.escalation[1].afterSeconds: is 30, earlier than the step before it (60); write the steps in the order of their times',
    ],
    [
      'approvers of a team who are none',
      withRest({ teams: { pay: { channel: '#pay', approvers: [] } } }),
      'teams.pay.approvers: must not be empty',
    ],
    [
      'a team that cannot be an object key',
      withRest({ teams: JSON.parse('{"__proto__": {"channel": "#pay"}}') as object }),
      'teams.__proto__: cannot be an id; choose another one',
    ],
    [
      'an unknown kind',
      withServices({ a: { kind: 'loadbalancer' } }),
      'services.a.kind: "loadbalancer" is not known; write one of "service", "load-balancer"',
    ],
    [
      'an unknown key of a service',
      withServices({ a: { dependOn: [] } }),
      'services.a.dependOn: is not a key of this config; did you mean "dependsOn"?',
    ],
    [
      'an unknown key of a matcher',
      withServices({ a: { alarms: [{ nam: 'x' }] } }),
      'services.a.alarms[0].nam: is not a key of this config; did you mean "name"?',
    ],
    ['an unknown key far from any', withRest({ foo: 1 }), 'foo: is not a key of this config; write one of "'],
    [
      'an unknown key of the correlation',
      withRest({ correlation: { window: 5 } }),
      'correlation.window: is not a key of this config',
    ],
    [
      'an unknown key of slack',
      { slack: { chanel: 'C0123456' }, services: {} },
      'slack.chanel: is not a key of this config; did you mean "channel"?',
    ],
    [
      'an unknown key of flap',
      withRest({ correlation: { flap: { change: 5 } } }),
      'correlation.flap.change: is not a key of this config; did you mean "changes"?',
    ],
    [
      'an unknown key of a step',
      withRest({ escalation: [{ afterSecond: 5, notify: ['U0'] }] }),
      'escalation[0].afterSecond: is not a key of this config; did you mean "afterSeconds"?',
    ],
    [
      'a negative time',
      withRest({ correlation: { windowSeconds: -1 } }),
      'correlation.windowSeconds: is -1; write zero or more',
    ],
    [
      'a time that is too long',
      withRest({ correlation: { holdSeconds: 901 } }),
      'correlation.holdSeconds: must be at most 900',
    ],
    [
      'a time with a fraction',
      withRest({ correlation: { holdSeconds: 1.5 } }),
      'correlation.holdSeconds: must be a whole number, not 1.5',
    ],
    [
      'a time in words',
      withRest({ correlation: { windowSeconds: '30m' } }),
      'correlation.windowSeconds: must be a number, not "30m"',
    ],
    [
      'too few changes',
      withRest({ correlation: { flap: { changes: 2 } } }),
      'correlation.flap.changes: is 2; write at least 3',
    ],
    [
      'an unknown signal',
      withRest({ signals: [{ metric: 'x', signal: 'slow' }] }),
      'signals[0].signal: "slow" is not known; write one of "disk"',
    ],
    [
      'an unknown runbook',
      withRest({ runbooks: [{ runbook: 'reboot', when: {}, mode: 'suggest' }] }),
      'runbooks[0].runbook: there is no runbook "reboot"',
    ],
    [
      'a runbook of an unknown service',
      withRest({ runbooks: [{ runbook: 'x', when: { service: 'apo' }, mode: 'auto' }] }),
      'runbooks[0].when.service: there is no service "apo"; did you mean "api"?',
    ],
    [
      'a bad time zone',
      withRest({ timeZone: 'Zurich' }),
      'timeZone: is not a time zone; write one like "Europe/Zurich" or "UTC"',
    ],
    ['no channel', { slack: {}, services: {} }, 'slack.channel: is missing; write a string'],
    ['an empty channel', { slack: { channel: '' }, services: {} }, 'slack.channel: must not be empty'],
    ['no services', { slack }, 'services: is missing; write an object'],
    ['services in a list', withServices(['api']), 'services: must be an object, not ["api"]'],
    [
      'a text for a list',
      withServices({ api: { dependsOn: 'db' } }),
      'services.api.dependsOn: must be a list, not "db"',
    ],
    ['a list for a text', withServices({ api: { title: ['x'] } }), 'services.api.title: must be a string, not ["x"]'],
    ['null for a service', withServices({ api: null }), 'services.api: must be an object, not null'],
    [
      'nobody to tell',
      withRest({ escalation: [{ afterSeconds: 5, notify: [] }] }),
      'escalation[0].notify: must not be empty',
    ],
    ['an empty id', withServices({ '': {} }), 'services[""]: an id has 1 to 128 characters'],
    [
      'a number that is no account',
      withRest({ services: {}, accounts: { 123: 'prod' } }),
      'accounts.123: is no account id: 12 digits',
    ],
    ['an id of 129 characters', withServices({ ['x'.repeat(129)]: {} }), 'an id has 1 to 128 characters'],
    [
      'a key with dots',
      withServices({ 'a.b': { titel: 'x' } }),
      'services["a.b"].titel: is not a key of this config; did you mean "title"?',
    ],
    ['null as the config', null, 'config: must be an object, not null'],
    ['a list as the config', [], 'config: must be an object, not []'],
    ['a text as the config', 'services', 'config: must be an object, not "services"'],
    ['nothing as the config', undefined, 'config: is missing; write an object'],
  ])('%s', (_, input, line) => {
    expect(lines(input)).toContain(line)
  })

  test.each(['constructor', 'toString', 'alarms', 'correlation', 'services'])(
    'also in a service with the id %s',
    (id) => {
      expect(lines(withServices({ [id]: { titel: 'x' } }))).toContain(
        `services.${id}.titel: is not a key of this config; did you mean "title"?`,
      )
    },
  )

  test.each<[string, unknown]>([
    ['a bigint', 5n],
    ['a function', () => 5],
    ['a symbol', Symbol('x')],
    ['not a number', NaN],
    ['no end', Infinity],
    ['a date', new Date(0)],
  ])('a config in TypeScript may hold what JSON cannot, %s', (_, value) => {
    expect(lines(withRest({ correlation: { windowSeconds: value } }))).toContain('correlation.windowSeconds: must be a')
  })
})

test('all mistakes come in one message', () => {
  const input = {
    slack: {},
    timeZone: 'Mars/Base',
    services: { api: { dependsOn: ['api', 'ghost'], kind: 'x', alarms: [{}] } },
    correlation: { windowSeconds: -5, flap: { changes: 99 } },
    signals: [{ signal: 'x' }],
    runbooks: [{ runbook: 'nope', when: { service: 'ghost' }, mode: 'maybe' }],
    sevices: {},
  }
  expect(mistakesIn(input)).toHaveLength(13)
  expect(() => checkConfig(input, 'my.json')).toThrow(/^my\.json has 13 mistakes:\n {2}slack\.channel: is missing/)
  expect(() => checkConfig({ slack }, 'my.json')).toThrow('my.json has a mistake:\n  services: is missing')
})

test.each([
  [
    'a matcher that is none, once',
    { services: {}, ignore: ['x'] },
    'the config has a mistake:\n  ignore[0]: must be an object, not "x"',
  ],
  [
    'a matcher of empty dimensions',
    { services: { a: { alarms: [{ dimensions: {} }] } } },
    'services.a.alarms[0]: an empty matcher would take every alarm',
  ],
  [
    'steps out of order',
    {
      services: {},
      escalation: [
        { afterSeconds: 600, notify: ['U0A'] },
        { afterSeconds: 60, notify: ['U0B'] },
      ],
    },
    'escalation[1].afterSeconds: is 60, earlier than the step before it (600)',
  ],
  ['a signal rule without its signal', { services: {}, signals: [{}] }, 'signals[0].signal: is missing; write one of'],
])('%s is a mistake', (_, input, problem) => {
  expect(() => checkConfig({ slack: { channel: 'x' }, ...input })).toThrow(problem)
})
