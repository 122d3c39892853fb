// The stacks as deployed, with the flags of cdk.json: in every variant that the config can ask for.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { checkConfig, type ConfigInput } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
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

export const hubStack = (changes: Partial<ConfigInput> = {}, app = newApp()): TocsinStack => {
  const config = configWith(changes)
  return new TocsinStack(app, config.deploy.name, { config })
}

export const spokeStack = (emails: string[] = [], app = newApp()): SpokeStack =>
  new SpokeStack(app, 'TocsinSpoke', { name: 'Tocsin', hub: HUB, emails })

/** Every runbook, on targets that it supports. */
export const RUNBOOKS: Partial<ConfigInput> = {
  services: {
    broker: { kind: 'queue', target: { rabbitmq: { broker: 'studio', queues: ['jobs'], secret: 'studio/broker' } } },
    jobs: { kind: 'queue', target: { sqs: { queue: 'jobs' } } },
    workers: {
      dependsOn: ['broker', 'jobs'],
      target: {
        ec2: { instances: ['i-0123456789abcdef0'], unit: 'worker', clean: ['/var/log/api/*.gz'] },
        ebs: { volumes: ['vol-0123456789abcdef0'], instance: 'i-0123456789abcdef0' },
        autoScaling: { group: 'workers' },
      },
    },
    api: {
      dependsOn: ['broker'],
      target: { ecs: { cluster: 'main', service: 'api' }, timeout: { environment: 'TIMEOUT', unit: 'seconds' } },
    },
  },
  runbooks: [
    { runbook: 'relieve-queue-backlog', when: { service: 'broker' }, mode: 'suggest' },
    { runbook: 'relieve-queue-backlog', when: { service: 'jobs' }, mode: 'suggest' },
    { runbook: 'free-disk', when: { service: 'workers' }, mode: 'suggest', with: { maxGiB: 200 } },
    { runbook: 'rolling-restart', when: { service: 'api' }, mode: 'suggest' },
    { runbook: 'rolling-restart', when: { service: 'workers' }, mode: 'suggest' },
    { runbook: 'add-capacity', when: { service: 'api' }, mode: 'suggest', with: { max: 8 } },
    { runbook: 'relieve-memory', when: { service: 'api' }, mode: 'suggest' },
    { runbook: 'cut-connection-timeout', when: { service: 'api' }, mode: 'suggest', with: { seconds: 3 } },
    {
      runbook: 'ssm-automation',
      when: { service: 'workers' },
      mode: 'suggest',
      with: { document: 'AWS-RestartEC2Instance', assumeRole: 'arn:aws:iam::123456789012:role/Restart' },
    },
    { runbook: 'invoke-function', when: { service: 'api' }, mode: 'suggest', with: { function: 'mend' } },
  ],
}

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
