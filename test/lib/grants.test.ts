// Who may do what: narrow, and every exception has a reason.
import { describe, expect, test } from '@jest/globals'
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions'
import type { Stack } from 'aws-cdk-lib'
import type { ConfigInput } from '../../lambda/config.ts'
import { check } from '../../lib/nag.ts'
import { BUILT_IN as RECIPES } from '../../lambda/runbooks/built-in.ts'
import type { Statement as Recipe } from '../../lambda/runbooks/runbook.ts'
import { configWith, hubStack, newApp, resources, RUNBOOKS, spokeStack, statements } from './stacks.ts'

const WATCHED: Partial<ConfigInput> = {
  services: {
    database: { kind: 'database', target: { rds: { instance: 'core-db' } }, watch: true },
    jobs: { kind: 'queue', target: { sqs: { queue: 'jobs' } }, watch: true },
    api: { dependsOn: ['database', 'jobs'], target: { ecs: { cluster: 'main', service: 'api' } }, watch: true },
  },
}
const EVERYTHING: Partial<ConfigInput> = {
  ...WATCHED,
  deploy: { customerKey: true, organization: 'o-a1b2c3d4e5' },
  watchdog: { emails: ['ana@example.com'] },
}

// Errors stay annotations, so that the test can list them all.
const app = () => newApp({ '@aws-cdk/core:annotationsInValidationReport': false })

const STACKS: [name: string, make: () => Stack, kind: 'hub' | 'spoke'][] = [
  ['the hub', () => hubStack({}, app()), 'hub'],
  ['the hub with a key of its own, an organization and watched services', () => hubStack(EVERYTHING, app()), 'hub'],
  [
    'the hub without heartbeat and dashboard',
    () => hubStack({ watchdog: { syntheticMinutes: 0, dashboard: false } }, app()),
    'hub',
  ],
  ['the hub with every runbook', () => hubStack(RUNBOOKS, app()), 'hub'],
  [
    'the hub with every runbook and a key of its own',
    () => hubStack({ ...RUNBOOKS, deploy: { customerKey: true } }, app()),
    'hub',
  ],
  ['a spoke', () => spokeStack(['ana@example.com'], app()), 'spoke'],
]

const CHECKED = STACKS.map(([name, make, kind]) => {
  const stack = make()
  check(stack, kind)
  return [name, stack, Template.fromStack(stack)] as const
})

describe('cdk-nag', () => {
  test.each(CHECKED)('finds nothing unexplained in %s', (_, stack) => {
    expect(found(stack)).toEqual([])
  })

  test('would find a star that nobody explained', () => {
    const stack = hubStack({}, app())
    check(stack, 'spoke')
    expect(found(stack)).toContain('AwsSolutions-SMG4')
  })
})

const found = (stack: Stack): string[] => {
  const findings = Annotations.fromStack(stack)
  return [...findings.findError('*', Match.anyValue()), ...findings.findWarning('*', Match.anyValue())].map(
    ({ entry }) => (entry.data as string).split(/[[:]/)[0]!,
  )
}

/** Actions for which AWS supports no resource, and why; recipes say so themselves. */
const ANYWHERE: Record<string, string> = {
  'xray:PutTraceSegments': 'a trace belongs to no resource',
  'xray:PutTelemetryRecords': 'neither does what is measured of tracing',
  ...Object.fromEntries(
    statementsOfRecipes().flatMap(({ actions, why = '' }) => actions.map((action) => [action, why] as const)),
  ),
}

function statementsOfRecipes(): Recipe[] {
  const { runbooks, services } = configWith(RUNBOOKS)
  const place = { partition: 'aws', account: '123456789012', region: 'eu-central-1' }
  return runbooks
    .flatMap(({ runbook, when, with: options }) =>
      RECIPES.get(runbook)!.permissions(services[when.service!]!.target!, options, place),
    )
    .filter(({ resources }) => resources.includes('*'))
}

describe('roles', () => {
  test.each(CHECKED)(
    'of %s allow no action by a star, and a star as resource only where AWS knows no other',
    (_, _stack, template) => {
      const all = statements(template)
      expect(all.length).toBeGreaterThan(0)
      for (const { Action, Resource } of all) {
        const actions = [Action].flat()
        // KMS has families of actions; grants on the stack's own key name two of them.
        expect(
          actions.filter((action) => action.includes('*') && !/^kms:(GenerateDataKey|ReEncrypt)\*$/.test(action)),
        ).toEqual([])
        if ([Resource].flat().includes('*')) expect(actions.filter((action) => !ANYWHERE[action])).toEqual([])
      }
    },
  )

  test.each(CHECKED)('of %s come with no policy of AWS', (_, _stack, template) => {
    for (const [, { Properties }] of resources(template, 'AWS::IAM::Role'))
      expect(Properties['ManagedPolicyArns']).toBeUndefined()
  })

  const place = { partition: 'aws', account: '123456789012', region: 'eu-central-1' }
  const actionsOf = (template: Template, id: string): string[] =>
    resources(template, 'AWS::IAM::Policy')
      .filter(([policy]) => policy.startsWith(id))
      .flatMap(
        ([, { Properties }]) =>
          (Properties['PolicyDocument'] as { Statement: { Action: string | string[] }[] }).Statement,
      )
      .flatMap(({ Action }) => Action)

  test.each(configWith(RUNBOOKS).runbooks)('of $runbook for $when.service may do what it says', (rule) => {
    const { target } = configWith(RUNBOOKS).services[rule.when.service!]!
    const said = RECIPES.get(rule.runbook)!
      .permissions(target!, rule.with, place)
      .flatMap(({ actions }) => actions)
    const template = CHECKED.find(([name]) => name === 'the hub with every runbook')![2]
    expect(actionsOf(template, `Run${rule.runbook.replaceAll('-', '')}`)).toEqual(expect.arrayContaining(said))
  })

  test.each([{}, { service: 'api' }])('of a runbook that needs nothing of a target may do what it says: %j', (when) => {
    const rule = { runbook: 'invoke-function', when, mode: 'suggest' as const, with: { function: 'mend' } }
    const template = Template.fromStack(hubStack({ services: { api: {} }, runbooks: [rule] }, app()))
    const [{ Resource } = { Resource: undefined }] = statements(template).filter(
      ({ Action, Resource }) =>
        Action === 'lambda:InvokeFunction' && JSON.stringify(Resource).includes('function:mend'),
    )
    expect(Resource).toBeDefined()
  })

  test('read Slack’s secret only where Slack is spoken to', () => {
    const [, , template] = CHECKED[0]!
    const readers = resources(template, 'AWS::IAM::Policy')
      .filter(([, { Properties }]) => JSON.stringify(Properties).includes('secretsmanager:GetSecretValue'))
      .map(([id]) => id.replace(/Role.*/, ''))
    expect(readers.sort()).toEqual(['Notify', 'Respond'])
  })

  test('of the watchdog ring one alarm and look at the table', () => {
    const [, { Properties }] = resources(CHECKED[0]![2], 'AWS::IAM::Policy').find(([id]) =>
      id.startsWith('WatchdogFunctionRole'),
    )!
    const actions = (Properties['PolicyDocument'] as { Statement: { Action: string | string[] }[] }).Statement.flatMap(
      ({ Action }) => Action,
    )
    expect(actions.sort()).toEqual([
      'cloudwatch:SetAlarmState',
      'dynamodb:GetItem',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ])
  })
})
