// Runbooks: one durable function for each that the config names, with a role that may do what its recipe says and nothing else.
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Alias, type IVersion } from 'aws-cdk-lib/aws-lambda'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import type { Config, RunbookRule, Target } from '../lambda/core/config.ts'
import { RUNBOOKS } from '../lambda/runbooks/index.ts'
import type { Place, Statement } from '../lambda/runbooks/runbook.ts'
import { StageFunction } from './stage-function.ts'

/** The longest run: hours of copying, a slow restart, and its verification. */
const LONGEST_RUN = Duration.days(1)
/** A turn ends long before: see `Step` in the recipes. */
const TURN_TIMEOUT = Duration.minutes(5)
const KEPT = Duration.days(90)
const ALIAS = 'live'

const nameOf = (stack: Stack, runbook: string): string => `${stack.stackName}-run-${runbook}`

/** With `*` for the runbook's name. */
export const runsArn = (stack: Stack): string => liveArn(stack, '*')

const liveArn = (stack: Stack, runbook: string): string =>
  stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: `${nameOf(stack, runbook)}:${ALIAS}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })

/** Only the runbooks that the config names. */
export function mayStartRuns(stage: StageFunction, config: Config): void {
  const names = namesOf(config)
  if (names.length === 0) return
  stage.addToRolePolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: names.map((name) => liveArn(Stack.of(stage), name)),
    }),
  )
}

const namesOf = ({ runbooks }: Pick<Config, 'runbooks'>): string[] => [
  ...new Set(runbooks.map(({ runbook }) => runbook)),
]

/** Evidence outlives the stack: it may be all that is left of what was removed. */
function evidenceBucket(stack: Stack): Bucket {
  return new Bucket(stack, 'Evidence', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [{ expiration: KEPT, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    removalPolicy: RemovalPolicy.RETAIN,
  })
}

export interface Remediation {
  functions: StageFunction[]
  evidence?: Bucket
}

export function runbookFunctions(stack: Stack, config: Config, environment: Record<string, string>): Remediation {
  const names = namesOf(config)
  if (names.length === 0) return { functions: [] }
  const evidence = evidenceBucket(stack)
  const functions = names.map((name) => {
    const stage = new StageFunction(stack, `Run-${name}`, {
      entry: 'remediate',
      name: nameOf(stack, name),
      description: `Runbook: ${RUNBOOKS.get(name)!.title}`,
      config,
      environment: { ...environment, TOCSIN_EVIDENCE_BUCKET: evidence.bucketName },
      timeout: TURN_TIMEOUT,
      durableFor: LONGEST_RUN,
    })
    new Alias(stage, 'Live', { aliasName: ALIAS, version: stage.currentVersion as IVersion })
    for (const statement of statementsOf(name, config, stack)) stage.addToRolePolicy(statement)
    if (RUNBOOKS.get(name)!.keepsEvidence) {
      evidence.grantPut(stage)
      evidence.grantRead(stage)
    }
    return stage
  })
  return { functions, evidence }
}

/** What the recipe needs for every target that a rule of the config may send it to. */
function statementsOf(name: string, config: Config, stack: Stack): PolicyStatement[] {
  const runbook = RUNBOOKS.get(name)!
  const place: Place = { partition: stack.partition, account: stack.account, region: stack.region }
  const found = new Map<string, Statement>()
  for (const rule of config.runbooks.filter((one) => one.runbook === name))
    for (const target of targetsOf(rule, config))
      for (const statement of asRole(target) ?? runbook.permissions(target, rule.with, inRegion(place, target)))
        found.set(JSON.stringify(statement), statement)
  return [...found.values()].map(({ actions, resources }) => new PolicyStatement({ actions, resources }))
}

function targetsOf({ when, about }: RunbookRule, { services }: Config): Target[] {
  const ids = when.service === undefined ? Object.keys(services) : [when.service]
  return ids
    .map((id) => services[id]?.target)
    .filter((target) => target !== undefined && about.needs.some((part) => target[part] !== undefined)) as Target[]
}

const inRegion = (place: Place, { region }: Target): Place => (region === undefined ? place : { ...place, region })

/** In another account its role decides; docs/remediation.md says what it must allow. */
const asRole = ({ role }: Target): Statement[] | undefined =>
  role === undefined ? undefined : [{ actions: ['sts:AssumeRole'], resources: [role] }]
