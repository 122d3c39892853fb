// `tocsin test-alarm`: a real alarm through the deployed pipeline, and how long each hop took.
import { testAlarmName } from '../../lambda/core/facts/test-alarm.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { channelWords, duration, people } from '../../lambda/core/words/words.ts'
import { channelOf, stepsOf } from '../../lambda/core/services/teams.ts'
import { noTeam } from '../../lambda/config/words.ts'
import { deployedStack, output } from '../aws/stack.ts'
import { AWS_HELP, AWS_OPTIONS, parse, useAws, type Command } from '../command.ts'
import { DEFAULT_CONFIG, loadConfig, stackNamed, UserError } from '../load-config.ts'
import { agree } from '../terminal/agree.ts'
import { follow } from '../test-alarm/follow.ts'

const HELP = `tocsin test-alarm: a real alarm through the deployed pipeline, and how long each hop took.

${AWS_HELP}  --via eventbridge|sns  by default eventbridge, which every alarm takes; sns adds Tocsin's topic as the alarm's action
  --team ID              to the channel of this team
  --call                 also calls who is first in the escalation, when that step is due; without it, nobody is called
  --config FILE          for --team and --call; by default ${DEFAULT_CONFIG}
  --timeout SECONDS      for each hop; by default 60
  --yes                  agree beforehand, in scripts

It creates a CloudWatch alarm of its own, tocsin-test/…, sets it to ALARM, waits for its message in Slack, sets it to OK, and deletes it,
also on Ctrl-C. People in the channel see a minor incident marked TEST, which resolves by itself after
correlation.resolveGraceSeconds.

Exit code 0: it arrived. 1: it did not, and it says how far it came. 2: it could not run.
`

const OPTIONS = {
  ...AWS_OPTIONS,
  via: { type: 'string', default: 'eventbridge' },
  team: { type: 'string' },
  call: { type: 'boolean', default: false },
  config: { type: 'string', default: DEFAULT_CONFIG },
  timeout: { type: 'string', default: '60' },
  yes: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { stack: name, via, timeout, yes, team, call, config: file, ...options } = parse('test-alarm', args, OPTIONS)
    if (via !== 'eventbridge' && via !== 'sns')
      throw new UserError(`--via ${JSON.stringify(via)} is not known; write eventbridge or sns`)
    const seconds = Number(timeout)
    if (!Number.isFinite(seconds) || seconds <= 0) throw new UserError('--timeout must be a number of seconds, like 60')
    const config = team === undefined && !call ? undefined : await loadConfig(file)
    const whom = config && whomItReaches(config, team, call)
    useAws(options)
    const stack = await deployedStack(await stackNamed(name, file))
    const when = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
    const alarm = testAlarmName(when, { calls: call, ...(team !== undefined && { team }) }, stack.name)
    const what = `This makes the CloudWatch alarm ${alarm} in ${stack.region || 'this region'}, raises it, and deletes it again.
${whom ?? 'People in the Slack channel see it as a minor incident, marked TEST. Nobody is called.'}`
    if (!(await agree(terminal, { yes }, what))) return 0
    const actions = via === 'sns' ? [output(stack, 'AlarmTopicArn')] : []
    return follow({ alarm, actions, stack, timeoutMs: seconds * 1000, ...(call && { config }) }, terminal)
  },
}

/** In words. Throws if there is no such team, or nobody to call. */
function whomItReaches(config: Config, team: string | undefined, call: boolean): string {
  const known = Object.keys(config.teams)
  if (team !== undefined && !known.includes(team)) throw new UserError(`the config has ${noTeam(team, known)}`)
  const [first] = stepsOf(team, config)
  if (call && !first) throw new UserError('there is nobody to call: the config has no `escalation` that fits')
  const channel = channelWords(channelOf(team, config))
  const called = call
    ? `${people(first!.notify)} will be called, ${first!.afterSeconds === 0 ? 'at once' : `after ${duration(first!.afterSeconds * 1000)}`}.`
    : 'Nobody is called.'
  return `People in ${channel} see it as a minor incident, marked TEST. ${called}`
}
