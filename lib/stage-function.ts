// The one way in which a Lambda of Tocsin is made: small bundle, arm64, logs that end, a role of its own.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Config } from '../lambda/core/config.ts'
import { bundle } from './bundle.ts'

export interface StageFunctionProps {
  /** File in `lambda/entry`, without its ending. */
  readonly entry: string
  readonly description: string
  /** @default CloudFormation makes one */
  readonly name?: string
  readonly config: Config
  readonly environment: Record<string, string>
  /** @default 30 seconds */
  readonly timeout?: Duration
  /** Together with the timeout, the bound on what it can cost. @default as many as the account allows */
  readonly reservedConcurrency?: number
  /** How long one durable execution may last. Cannot be added later. @default not durable */
  readonly durableFor?: Duration
}

const MEMORY_MIB = 512
const DURABLE_HISTORY = Duration.days(14)

export class StageFunction extends lambda.Function {
  constructor(
    scope: Construct,
    id: string,
    { entry, config, environment, durableFor, timeout, description, reservedConcurrency, name }: StageFunctionProps,
  ) {
    super(scope, id, {
      description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: MEMORY_MIB,
      timeout: timeout ?? Duration.seconds(30),
      handler: 'index.handler',
      code: lambda.Code.fromAsset(build(entry, config)),
      environment: { ...environment, TOCSIN_CONFIG: 'config.json' },
      tracing: lambda.Tracing.ACTIVE,
      logGroup: new LogGroup(scope, `${id}Logs`, {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      ...(name !== undefined && { functionName: name }),
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      ...(durableFor && { durableConfig: { executionTimeout: durableFor, retentionPeriod: DURABLE_HISTORY } }),
    })
  }
}

/** The handler in one file, and the checked config beside it. */
function build(entry: string, config: Config): string {
  const folder = mkdtempSync(join(tmpdir(), `tocsin-${entry}-`))
  bundle(join(import.meta.dirname, '..', 'lambda', 'entry', `${entry}.ts`), join(folder, 'index.js'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  return folder
}
