// One thing that doctor looks at, what it can come to, and what earlier checks have found out.
import type { Config } from '../../lambda/core/services/config.ts'
import type { Identity } from '../aws/identity.ts'
import type { SlackSecret } from '../aws/secret.ts'
import type { Stack } from '../aws/stack.ts'
import type { WhoWeAre, Workspace } from '../slack/workspace.ts'

/** `not yet`: a step of the set-up that is still to come. `skipped`: one before it is missing. `unknown`: nobody told. None is a failure. */
export type Finding =
  | { is: 'ok'; found: string }
  | { is: 'failed' | 'not yet'; found: string; todo: string }
  | { is: 'unknown' | 'skipped'; found: string }

/** Each is set by the check that finds it, for those after it. */
export interface Facts {
  stackName: string
  configFile: string
  slackApiUrl: string | undefined
  identity?: Identity
  config?: Config
  stack?: Stack
  secret?: SlackSecret
  workspace?: Workspace
  whoWeAre?: WhoWeAre
}

export type Fact = 'identity' | 'config' | 'stack' | 'secret' | 'workspace' | 'whoWeAre'

export interface Check {
  name: string
  /** Without these it makes no sense. */
  needs: Fact[]
  look(facts: Facts): Promise<Finding>
}

export const ok = (found: string): Finding => ({ is: 'ok', found })
export const failed = (found: string, todo: string): Finding => ({ is: 'failed', found, todo })
export const notYet = (found: string, todo: string): Finding => ({ is: 'not yet', found, todo })
export const unknown = (found: string): Finding => ({ is: 'unknown', found })
