// The one way to create a Lambda function of Tocsin: small bundle, arm64, logs that expire, a role of its own that allows only what it needs.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Annotations, ArnFormat, Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { Config } from '../lambda/core/services/config.ts'
import { bundle } from './function/bundle.ts'
import { MEMORY_MIB, type Entry } from './function/memory.ts'

export interface StageFunctionProps {
  /** File in `lambda/entry`, without its extension. */
  readonly entry: Entry
  /** The file of a runbook of one's own, if it runs one. */
  readonly own?: string | undefined
  readonly description: string
  /** A durable function needs one: its role names its runs. @default CloudFormation makes one */
  readonly name?: string
  readonly config: Config
  /** For its logs. @default CloudWatch's own */
  readonly key?: IKey | undefined
  readonly environment: Record<string, string>
  /** @default 30 seconds */
  readonly timeout?: Duration
  /** Together with the timeout, the bound on what it can cost. @default as many as the account allows */
  readonly reservedConcurrency?: number
  /** How long one durable execution may last. Cannot be added later. @default not durable */
  readonly durableFor?: Duration
  /** Retries of failed asynchronous calls. @default 2, as Lambda has it */
  readonly retryAttempts?: number
}

const DURABLE_HISTORY = Duration.days(14)

export class StageFunction extends lambda.Function {
  constructor(scope: Construct, id: string, props: StageFunctionProps) {
    const { entry, config, key, durableFor, name, reservedConcurrency, retryAttempts } = props
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: config.deploy.logDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(key && { encryptionKey: key }),
    })
    super(scope, id, {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: MEMORY_MIB[entry],
      timeout: props.timeout ?? Duration.seconds(30),
      handler: 'index.handler',
      code: lambda.Code.fromAsset(build(props, mapsFolder(scope))),
      environment: { ...props.environment, TOCSIN_CONFIG: 'config.json', TOCSIN_STACK: Stack.of(scope).stackName },
      tracing: lambda.Tracing.ACTIVE,
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup,
      role: roleOf(scope, id, logGroup),
      ...(name !== undefined && { functionName: name }),
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      ...(retryAttempts !== undefined && { retryAttempts }),
      ...(durableFor && {
        durableConfig: { executionTimeout: durableFor, retentionPeriod: DURABLE_HISTORY },
        // A waiting execution continues with the version it began with, and is lost with it: a deployment must not delete that version.
        currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      }),
    })
    if (durableFor) this.keepsItsRuns(name)
  }

  /**
   * Its own executions, of every version; AWS's managed policy allows those of all functions.
   * https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html
   */
  private keepsItsRuns(name: string | undefined): void {
    if (name === undefined) throw new Error(`${this.node.path} is durable and needs a name`)
    const runs = { service: 'lambda', resource: 'function', resourceName: `${name}:*` }
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'],
        resources: [Stack.of(this).formatArn({ ...runs, arnFormat: ArnFormat.COLON_RESOURCE_NAME })],
      }),
    )
    Annotations.of(this).acknowledgeInfo(
      'aws-lambda:Function.DurableConfig',
      'it was durable from its first deployment on',
    )
  }
}

/** AWS's managed policy would let each function write to the logs of all. */
function roleOf(scope: Construct, id: string, { logGroupArn }: LogGroup): Role {
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
  // The ARN of a log group ends in :*, its streams.
  role.addToPolicy(
    new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroupArn] }),
  )
  return role
}

const ENTRIES = join(import.meta.dirname, '..', 'lambda', 'entry')

const entries = new Map<string, string>()

/** It runs this runbook alone, so that its packages are nobody else's. */
function entryOf(own: string): string {
  const known = entries.get(own)
  if (known !== undefined) return known
  const entry = join(mkdtempSync(join(tmpdir(), 'tocsin-own-')), basename(own))
  const [runbook, remediating] = [own, join(ENTRIES, 'remediating.ts')].map((path) => JSON.stringify(path))
  writeFileSync(
    entry,
    `import runbook from ${runbook}
import { remediating } from ${remediating}
export const handler = remediating(new Map([[runbook.name, runbook]]))
`,
  )
  entries.set(own, entry)
  return entry
}

/** The handler in one file, with the checked config next to it. */
function build({ entry, own, config }: StageFunctionProps, maps: string): string {
  const folder = mkdtempSync(join(tmpdir(), `tocsin-${entry}-`))
  const source = own === undefined ? join(ENTRIES, `${entry}.ts`) : entryOf(own)
  bundle(
    source,
    join(folder, 'index.js'),
    join(maps, `${own === undefined ? entry : `run-${basename(own, '.ts')}`}.js.map`),
  )
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  return folder
}

/** Next to the assets, not among them: read by people, never by Lambda. */
const mapsFolder = (scope: Construct): string => join(Stage.of(scope)!.assetOutdir, 'maps')
