// Two Tocsins in one account and region, as for staging and production: no name is taken twice, and each knows what is its own.
import { expect, test } from '@jest/globals'
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { madeBy } from '../../lambda/core/facts/stack-name.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import { hubOf } from '../../bin/spoke.ts'
import { SpokeStack } from '../../lib/spoke-stack.ts'
import { configWith, HUB, hubStack, newApp, RUNBOOKS } from './stacks.ts'

const changes = {
  ...RUNBOOKS,
  services: {
    ...RUNBOOKS.services,
    orders: { target: { sqs: { queue: 'orders' } }, watch: true },
  },
}
const staging = { ...changes, deploy: { name: 'Staging' } }

/** Properties that hold the name of a resource, which is unique in an account and region. */
const NAMES = /^(?:Name|[A-Z][A-Za-z]*Name)$/
const OTHERS = /^(?:MetricName|DisplayName)$/
/** Whose names are those of their function or role. */
const INSIDE = ['AWS::IAM::Policy', 'AWS::Lambda::Alias']

function namesIn(stack: Stack): string[] {
  const { Resources: all } = Template.fromStack(stack).toJSON() as {
    Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>
  }
  return Object.values(all).flatMap(({ Type: type, Properties: properties = {} }) =>
    Object.entries(properties).flatMap(([key, value]) =>
      NAMES.test(key) && !OTHERS.test(key) && !INSIDE.includes(type) && typeof value === 'string'
        ? `${type} ${value}`
        : [],
    ),
  )
}

test('have no name in common', () => {
  const [one, other] = [hubStack(changes), hubStack(staging)].map(namesIn)
  expect(one!.length).toBeGreaterThan(10)
  expect(other).toHaveLength(one!.length)
  expect(other!.filter((name) => one!.includes(name))).toEqual([])
  expect(new Set(other).size).toBe(other!.length)
})

test('nor have their spokes', () => {
  const spoke = (name: string): string[] =>
    namesIn(new SpokeStack(newApp(), `${name}Spoke`, { name, hub: HUB, emails: [] }))
  expect(spoke('Tocsin')).not.toEqual(spoke('Staging'))
  const asked = { name: 'Staging', hub: undefined, account: undefined, region: undefined }
  expect(() => hubOf({ ...asked, asked: ['StagingSpoke'] })).toThrow(/npx cdk deploy StagingSpoke -c hub=ARN/)
  expect(hubOf({ ...asked, asked: ['TocsinSpoke'] })).toBeUndefined()
})

test('each takes in the alarms that it made, and leaves those of the other to it', () => {
  const alarms = [changes, staging].map((one) =>
    namesIn(hubStack(one)).flatMap((name) => /^AWS::CloudWatch::Alarm (tocsin.*)$/.exec(name)?.[1] ?? []),
  )
  const [rules, theirs] = [changes, staging].map((one) => rulesOf(configWith(one)))
  const change = (name: string) => ({ name, key: name, at: 0, state: 'ALARM' as const })
  for (const [mine, other, stack] of [
    [rules!, alarms[1]!, 'Staging'],
    [theirs!, alarms[0]!, 'Tocsin'],
  ] as const)
    for (const name of other) {
      expect(madeBy(name)).toBe(stack)
      expect(mine.whyIgnored(change(name))).toBe(`made by the Tocsin of the stack ${stack}, which tells of it`)
    }
  for (const name of alarms[1]!) {
    expect(theirs!.whyIgnored(change(name))).toBeUndefined()
    expect(theirs!.serviceOf(change(name))).toMatch(/^[a-z]+$/)
  }
  expect(alarms[0]!.length).toBeGreaterThan(3)
  expect(alarms[1]).toHaveLength(alarms[0]!.length)
})
