// Which hub does a spoke send to? Checks what people write after `-c hub=` before anything is created.
import { UserError } from './load-config.ts'

export const spokeOf = (stack: string): string => `${stack}Spoke`

const howTo = (stack: string): string =>
  `npx cdk deploy ${spokeOf(stack)} -c hub=ARN, where ARN is the output EventBusArn of the stack ${stack} in its own account and region`

const BUS = /^arn:aws[a-z-]*:events:(?<region>[a-z0-9-]+):(?<account>\d{12}):event-bus\/[\w./-]+$/

export interface Asked {
  /** The name of the hub's stack. */
  name: string
  /** What was written after `-c hub=`. */
  hub: unknown
  /** The stacks that the command names, as the CDK's command line passes them on. */
  asked: unknown
  /** Where it would be deployed, if that is known. */
  account: string | undefined
  region: string | undefined
}

/** ARN of the hub's event bus; undefined if the hub itself is meant. Throws a `UserError`. */
export function hubOf({ name, hub, asked, account, region }: Asked): string | undefined {
  if (hub === undefined) {
    if (Array.isArray(asked) && asked.includes(spokeOf(name)))
      throw new UserError(`A spoke needs to know its hub: ${howTo(name)}`)
    return undefined
  }
  const arn = typeof hub === 'string' ? BUS.exec(hub) : null
  if (!arn)
    throw new UserError(
      `hub: ${JSON.stringify(hub)} is not an ARN of an event bus, like arn:aws:events:eu-central-1:123456789012:event-bus/TocsinBus. Write ${howTo(name)}`,
    )
  if (arn.groups!['account'] === account && arn.groups!['region'] === region)
    throw new UserError(
      `hub: account ${account} and region ${region} are the hub's own. Its alarms reach it without a spoke; deploy the spoke with the profile of another account or another region`,
    )
  return arn[0]
}
