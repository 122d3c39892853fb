// Everything that waits: durable executions, one for each incident and moment.
import { Duration } from 'aws-cdk-lib'
import { Alias, type IVersion } from 'aws-cdk-lib/aws-lambda'
import { environmentOf, mayChangeBoard, mayWake, of, type Site } from './shared/site.ts'
import { StageFunction } from './stage-function.ts'
import { ALIAS, escalateName } from './shared/timers.ts'

/** The longest wait: a reopen window of a week, plus a day to spare. */
const LONGEST_WAIT = Duration.days(8)

export function makeEscalate(site: Site): StageFunction {
  const escalate = new StageFunction(site.stack, 'Escalate', {
    entry: 'escalate',
    name: escalateName(site.stack),
    description: 'Waits until something of an incident falls due, and looks again',
    ...of(site),
    environment: environmentOf(site),
    durableFor: LONGEST_WAIT,
  })
  // Each deployment makes a new version; waiting executions continue with the one they began with.
  new Alias(escalate, 'Live', { aliasName: ALIAS, version: escalate.currentVersion as IVersion })
  mayChangeBoard(site, escalate)
  mayWake(site, escalate)
  return escalate
}
