// The stacks as they are deployed, with the flags of cdk.json: in every way in which the config can ask for them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { checkConfig, type ConfigInput } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/config.ts'
import { SpokeStack } from '../../lib/spoke-stack.ts'
import { TocsinStack } from '../../lib/tocsin-stack.ts'
import userConfig from '../../tocsin.config.ts'

export const HUB = 'arn:aws:events:eu-central-1:123456789012:event-bus/TocsinBus'

const cdkJson = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>
}

export const newApp = (context: Record<string, unknown> = {}): App =>
  new App({ context: { ...cdkJson.context, ...context } })

export const configWith = (changes: Partial<ConfigInput>): Config => checkConfig({ ...userConfig, ...changes })

export const hubStack = (changes: Partial<ConfigInput> = {}, app = newApp()): TocsinStack =>
  new TocsinStack(app, 'Tocsin', { config: configWith(changes) })

export const spokeStack = (emails: string[] = [], app = newApp()): SpokeStack =>
  new SpokeStack(app, 'TocsinSpoke', { hub: HUB, emails })

export interface Resource {
  Type: string
  Properties: Record<string, unknown>
}

export const resources = (template: Template, type?: string): [id: string, resource: Resource][] =>
  Object.entries((template.toJSON() as { Resources: Record<string, Resource> }).Resources).filter(
    ([, resource]) => type === undefined || resource.Type === type,
  )

export interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
  Condition?: Record<string, unknown>
  Principal?: unknown
}

/** What roles may do. */
export const statements = (template: Template): Statement[] =>
  resources(template, 'AWS::IAM::Policy').flatMap(
    ([, { Properties }]) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
  )
