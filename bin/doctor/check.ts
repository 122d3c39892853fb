// One thing that doctor checks, the possible outcomes, and what earlier checks have found out.
import type { Config } from '../../lambda/core/services/config.ts'
import type { Identity } from '../aws/identity.ts'
import type { SlackSecret } from '../aws/secret.ts'
import type { Stack } from '../aws/stack.ts'
import type { WhoWeAre, Workspace } from '../slack/workspace.ts'

/** `not yet`: a setup step still to come. `skipped`: an earlier one is missing. `unknown`: could not be found out. None is a failure. */
export type Finding =
  | { is: 'ok'; found: string }
  | { is: 'failed' | 'not yet'; found: string; todo: string }
  | { is: 'unknown' | 'skipped'; found: string }

/** Each is set by the check that finds it, for the checks after it. */
export interface Facts {
  /** Unset: the config, which names it, has a mistake. */
  stackName: string | undefined
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
  /** Without these the check makes no sense. */
  needs: Fact[]
  /** One finding, or one for each of several things of this name. */
  look(facts: Facts): Promise<Finding | Finding[]>
}

export const ok = (found: string): Finding => ({ is: 'ok', found })
export const failed = (found: string, todo: string): Finding => ({ is: 'failed', found, todo })
export const notYet = (found: string, todo: string): Finding => ({ is: 'not yet', found, todo })
export const unknown = (found: string): Finding => ({ is: 'unknown', found })
