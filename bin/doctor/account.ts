// Is the account ready? Credentials, bootstrap, concurrency, durable functions, the stack itself.
import { DEPLOY } from '../../lambda/core/services/config.ts'
import { duration, plural } from '../../lambda/core/words/words.ts'
import { bootstrapVersion } from '../aws/bootstrap.ts'
import { whoAmI } from '../aws/identity.ts'
import { concurrency, durableFor, knowsDurableFunctions } from '../aws/lambda.ts'
import { findStack } from '../aws/stack.ts'
import { loadConfig } from '../load-config.ts'
import { failed, notYet, ok, unknown, type Check } from './check.ts'

/** `MIN_BOOTSTRAP_STACK_VERSION` of the CDK's default synthesizer. */
const OLDEST_BOOTSTRAP = 6
/** Lambda keeps this many for functions that reserve none. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const KEPT_UNRESERVED = 100
const QUOTA = 'https://console.aws.amazon.com/servicequotas/home/services/lambda/quotas/L-B99A9384'

const config: Check = {
  name: 'config',
  needs: [],
  async look(facts) {
    try {
      facts.config = await loadConfig(facts.configFile)
    } catch (error) {
      const { message } = error as Error
      return message.startsWith('there is no file')
        ? notYet(`no ${facts.configFile} here`, 'npx tocsin init writes one, or name it with --config FILE')
        : failed(message.split('\n').slice(0, 4).join(' '), `fix ${facts.configFile}`)
    }
    const services = Object.keys(facts.config.services).length
    const { teams, slack } = facts.config
    const count = Object.keys(teams).length
    const of = count > 0 ? `${plural(services, 'service')} and ${plural(count, 'team')}` : plural(services, 'service')
    return ok(`${facts.configFile}: ${of}, channel ${slack.channel}`)
  },
}

const credentials: Check = {
  name: 'account',
  needs: [],
  async look(facts) {
    facts.identity = await whoAmI()
    const { account, region, arn } = facts.identity
    return ok(`${account} in ${region}, as ${arn.split(/[:]/).slice(5).join(':') || arn}`)
  },
}

const stack: Check = {
  name: 'stack',
  needs: ['identity'],
  async look(facts) {
    if (facts.stackName === undefined)
      return failed(
        'which stack is meant stands in the config, which has a mistake',
        'mend the config, or name the stack with --stack',
      )
    const found = await findStack(facts.stackName)
    if (!found) return notYet(`${facts.stackName} is not deployed here`, 'npx cdk deploy')
    if (/FAILED$|^ROLLBACK_COMPLETE$/.test(found.status))
      return failed(
        `${facts.stackName} is ${found.status}`,
        'look at its events in the CloudFormation console, then npx cdk deploy',
      )
    facts.stack = found
    return ok(`${facts.stackName} is ${found.status}`)
  },
}

const bootstrap: Check = {
  name: 'CDK bootstrap',
  needs: ['identity'],
  async look({ identity }) {
    const version = await bootstrapVersion()
    const todo = `npx cdk bootstrap aws://${identity!.account}/${identity!.region}`
    if (version === undefined) return notYet('this account and region are not bootstrapped', todo)
    return version < OLDEST_BOOTSTRAP ? failed(`version ${version} is too old`, todo) : ok(`version ${version}`)
  },
}

const quota: Check = {
  name: 'concurrency',
  needs: ['identity'],
  async look({ stack, config }) {
    const { most, unreserved } = await concurrency()
    const found = `${most} executions at once, ${unreserved} of them not reserved`
    const reserved = config?.deploy.clicksAtOnce ?? DEPLOY.clicksAtOnce
    // Once deployed, its share is already reserved.
    const needed = stack || reserved === 0 ? 1 : KEPT_UNRESERVED + reserved
    if (unreserved >= needed) return ok(found)
    return failed(
      found,
      `Tocsin reserves ${reserved}, and Lambda keeps ${KEPT_UNRESERVED} for others: ask for 1,000 (it is free) at ${QUOTA} or write deploy: { clicksAtOnce: 0 } in the config`,
    )
  },
}

const durable: Check = {
  name: 'durable functions',
  needs: ['identity'],
  async look({ stack, stackName, identity }) {
    if (stack) {
      const seconds = await durableFor(`${stackName}-escalate`)
      return seconds === undefined
        ? failed(
            `${stackName}-escalate is not durable`,
            'durability is set when a function is made: destroy the stack and deploy it again',
          )
        : ok(`${stackName}-escalate can wait for ${duration(seconds * 1000)}`)
    }
    const known = await knowsDurableFunctions()
    if (known === undefined)
      return unknown(`Lambda does not tell whether ${identity!.region} has them; the deploy will`)
    return known
      ? ok(`Lambda in ${identity!.region} answers for them`)
      : failed(
          `Lambda in ${identity!.region} does not know them`,
          'deploy in another region, like us-east-2: alarms of other regions can be sent there',
        )
  },
}

export const ACCOUNT: Check[] = [config, credentials, bootstrap, stack, quota, durable]
