// Runbooks: one durable function for each that the config names, with a role that may do what its recipe says and nothing else.
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { Alias, type CfnFunction, type IVersion } from 'aws-cdk-lib/aws-lambda'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { hasNeeded } from '../lambda/core/remediate/needs.ts'
import type { Config, RunbookRule, Target } from '../lambda/core/services/config.ts'
import { OWN, RUNBOOKS } from '../lambda/runbooks/index.ts'
import { LONGEST_RUN_SECONDS, type Place, type Statement } from '../lambda/runbooks/runbook.ts'
import { namesOf, RUN_ALIAS, runName } from './shared/runs.ts'
import { environmentOf, mayChangeBoard, mayWake, of, type Site } from './shared/site.ts'
import { StageFunction } from './stage-function.ts'

/** The longest run: hours of copying, a slow restart, and its verification. */
const LONGEST_RUN = Duration.seconds(LONGEST_RUN_SECONDS)
/** A turn ends long before that: see `Step` in the recipes. */
const TURN_TIMEOUT = Duration.minutes(5)
const KEPT = Duration.days(90)
const PREFIX = 'evidence/'

/** Evidence outlives the stack: it may be the only copy of what was removed. */
function evidenceBucket(stack: Stack, key: Key | undefined): Bucket {
  return new Bucket(stack, 'Evidence', {
    ...(key ? { encryption: BucketEncryption.KMS, encryptionKey: key } : { encryption: BucketEncryption.S3_MANAGED }),
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [{ expiration: KEPT, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    removalPolicy: RemovalPolicy.RETAIN,
  })
}

/** Under one prefix, and nothing is deleted: evidence stays until it expires. */
function mayKeepEvidence(stage: StageFunction, bucket: Bucket, key: Key | undefined): void {
  stage.addToRolePolicy(
    new PolicyStatement({ actions: ['s3:PutObject', 's3:GetObject'], resources: [bucket.arnForObjects(`${PREFIX}*`)] }),
  )
  stage.addToRolePolicy(
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${PREFIX}*` } },
    }),
  )
  key?.grantEncryptDecrypt(stage)
}

export interface Remediation {
  functions: StageFunction[]
  /** Where evidence is kept; undefined if no runbook in the config keeps any. */
  evidence: Bucket | undefined
}

export function makeRunbooks(site: Site): Remediation {
  const { stack, config, key } = site
  const names = namesOf(config)
  const keeps = names.some((name) => RUNBOOKS.get(name)!.keepsEvidence)
  const evidence = keeps ? evidenceBucket(stack, key) : undefined
  const functions = names.map((name) => {
    const { title, keepsEvidence, needs } = RUNBOOKS.get(name)!
    const stage = new StageFunction(stack, `Run-${name}`, {
      entry: 'remediate',
      own: OWN.get(name)?.file,
      name: runName(stack, name),
      description: `Runbook: ${title}`,
      ...of(site),
      environment: { ...environmentOf(site), ...(evidence && { TOCSIN_EVIDENCE_BUCKET: evidence.bucketName }) },
      timeout: TURN_TIMEOUT,
      durableFor: LONGEST_RUN,
    })
    new Alias(stage, 'Live', { aliasName: RUN_ALIAS, version: stage.currentVersion as IVersion })
    mayChangeBoard(site, stage)
    mayWake(site, stage)
    for (const statement of statementsOf(name, config, stack)) stage.addToRolePolicy(statement)
    if (evidence && keepsEvidence) mayKeepEvidence(stage, evidence, key)
    if (config.deploy.vpc && needs.includes('rabbitmq')) joinVpc(stage, config.deploy.vpc)
    return stage
  })
  return { functions, evidence }
}

/** A broker without a public address can only be reached from its own network. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
function joinVpc(stage: StageFunction, { subnets, securityGroups }: NonNullable<Config['deploy']['vpc']>): void {
  const { node } = stage
  ;(node.defaultChild as CfnFunction).vpcConfig = { subnetIds: subnets, securityGroupIds: securityGroups }
  stage.addToRolePolicy(
    new PolicyStatement({
      actions: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'],
      resources: ['*'],
    }),
  )
}

/** What the recipe needs for every target that a rule in the config may send it to. */
function statementsOf(name: string, config: Config, stack: Stack): PolicyStatement[] {
  const runbook = RUNBOOKS.get(name)!
  const place: Place = { partition: stack.partition, account: stack.account, region: stack.region }
  const found = new Map<string, Statement>()
  for (const rule of config.runbooks.filter((one) => one.runbook === name))
    for (const target of targetsOf(rule, config))
      for (const statement of asRole(target) ?? runbook.permissions(target, rule.with, inRegion(place, target)))
        found.set(JSON.stringify(statement), statement)
  return [...found.values()].map(
    ({ actions, resources, conditions }) =>
      new PolicyStatement({ actions, resources, ...(conditions && { conditions }) }),
  )
}

function targetsOf({ runbook, when, about, with: options }: RunbookRule, { services }: Config): Target[] {
  const named = when.service === undefined ? Object.values(services) : [services[when.service]]
  // Without a service of its own, it may also run for one that the config does not name.
  const all = [...named.map((service) => service?.target ?? {}), ...(when.service === undefined ? [{}] : [])]
  const { lacks } = RUNBOOKS.get(runbook)!
  return all.filter((target) => hasNeeded(target, about.needs) && lacks?.(target, options) === undefined)
}

const inRegion = (place: Place, { region }: Target): Place => (region === undefined ? place : { ...place, region })

/** In another account its role decides; docs/remediation.md says what it must allow. */
const asRole = ({ role }: Target): Statement[] | undefined =>
  role === undefined ? undefined : [{ actions: ['sts:AssumeRole'], resources: [role] }]
