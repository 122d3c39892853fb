// Runbooks in the config: their names, their options, and what they need from a service. Every mistake has its key.
import { checkConfig, ConfigError } from '../lambda/config.ts'

const SERVICES = {
  api: {},
  athena: { target: { ecs: { cluster: 'ml', service: 'athena' }, timeout: { environment: 'T' } } },
  web: { target: { ec2: { instances: ['i-0123'], clean: ['/var/log/web/*.gz'] } } },
}

const config = (rule: object, services: object = SERVICES) => ({
  slack: { channel: 'C0' },
  services,
  runbooks: [{ when: {}, mode: 'suggest', ...rule }],
})

function lines(input: unknown): string[] {
  try {
    checkConfig(input)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(({ key, problem }) => `${key}: ${problem}`)
    throw error
  }
}

const of = (service: string) => ({ when: { service } })

test.each<[string, object, string[]]>([
  [
    'an unknown runbook',
    { runbook: 'rolling-restrat' },
    ['runbooks[0].runbook: there is no runbook "rolling-restrat"; did you mean "rolling-restart"?'],
  ],
  [
    'an unknown option',
    { runbook: 'rolling-restart', ...of('athena'), with: { batchPercnt: 5 } },
    ['runbooks[0].with.batchPercnt: is not a key of this config; did you mean "batchPercent"?'],
  ],
  [
    'several wrong options at once',
    {
      runbook: 'rolling-restart',
      ...of('athena'),
      with: { batchPercent: 0, spare: 'yes', latency: { namespace: 'A' } },
    },
    [
      'runbooks[0].with.batchPercent: is 0; write at least 1',
      'runbooks[0].with.spare: must be a boolean, not "yes"',
      'runbooks[0].with.latency.name: is missing; write a string',
    ],
  ],
  [
    'a missing option',
    { runbook: 'add-capacity', ...of('athena') },
    ['runbooks[0].with.max: is missing; write a number'],
  ],
  [
    'an option of the wrong kind',
    {
      runbook: 'ssm-automation',
      with: { document: 'AWS-X', assumeRole: 'arn:aws:iam::111122223333:role/a', parameters: { A: [5] } },
    },
    ['runbooks[0].with.parameters.A: must be a text, or a list of texts'],
  ],
  [
    'options that are no object',
    { runbook: 'rolling-restart', ...of('athena'), with: [] },
    ['runbooks[0].with: must be an object, not []'],
  ],
  [
    'a pattern that is none',
    {
      runbook: 'ssm-automation',
      with: {
        document: 'AWS-X',
        assumeRole: 'arn:aws:iam::111122223333:role/a',
        fromAlarm: { A: { dimension: 'D', allow: '(' } },
      },
    },
    ['runbooks[0].with.fromAlarm.A.allow: is not a regular expression'],
  ],
  [
    'neither below nor above',
    { runbook: 'rolling-restart', ...of('athena'), with: { healthyWhen: { namespace: 'A', name: 'B' } } },
    ['runbooks[0].with.healthyWhen: needs one of "below" and "above": where the metric is when all is well'],
  ],
  [
    'a service without what it acts on',
    { runbook: 'rolling-restart', ...of('api') },
    [
      'runbooks[0].when.service: rolling-restart needs target.ecs or target.autoScaling or target.ec2; write it in services.api.target',
    ],
  ],
  [
    'machines without a unit',
    { runbook: 'rolling-restart', ...of('web') },
    [
      'runbooks[0].when.service: rolling-restart: to be restarted it needs target.ecs, target.autoScaling, or target.ec2 with instances and unit; write it in services.web.target',
    ],
  ],
  [
    'a function without a name',
    { runbook: 'invoke-function', ...of('api') },
    [
      'runbooks[0].when.service: invoke-function: it needs target.lambda.function, or the option "function"; write it in services.api.target',
    ],
  ],
])('%s', (_, rule, expected) => {
  expect(lines(config(rule))).toEqual(expected)
})

test('without a service of its own, one of all must do', () => {
  expect(lines(config({ runbook: 'rolling-restart' }))).toEqual([])
  expect(lines(config({ runbook: 'rolling-restart' }, { api: {}, db: {} }))).toEqual([
    'runbooks[0]: no service has what it acts on: rolling-restart needs target.ecs or target.autoScaling or target.ec2',
  ])
})

test('mistakes of the target are told once, by their own key', () => {
  const services = { web: { target: { ec2: { instances: ['web-1'], clean: ['/etc'], unit: 'a b' } } } }
  expect(lines(config({ runbook: 'free-disk', ...of('web') }, services))).toEqual([
    'services.web.target.ec2.instances[0]: is not the id of an instance; it begins with "i-" or "mi-"',
    'services.web.target.ec2.unit: is not the name of a systemd unit; write one like "athena.service"',
    'services.web.target.ec2.clean[0]: is below /etc, which is never cleaned',
  ])
})

test('options are completed with their defaults', () => {
  const { runbooks } = checkConfig(config({ runbook: 'free-disk', ...of('web'), with: { maxGiB: 200 } }))
  expect(runbooks[0]!.with).toEqual({ freePercent: 20, olderThanMinutes: 60, growPercent: 25, maxGiB: 200 })
})
