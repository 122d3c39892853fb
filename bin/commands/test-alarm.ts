// `tocsin test-alarm`: a real alarm through the deployed pipeline, and how long each hop took.
import { deployedStack, output } from '../aws/stack.ts'
import { AWS_HELP, AWS_OPTIONS, parse, useAws, type Command } from '../command.ts'
import { UserError } from '../load-config.ts'
import { agree } from '../terminal/agree.ts'
import { follow } from '../test-alarm/follow.ts'

const HELP = `tocsin test-alarm: a real alarm through the deployed pipeline, and how long each hop took.

${AWS_HELP}  --via eventbridge|sns  by default eventbridge, which every alarm takes; sns adds Tocsin's topic as the alarm's action
  --timeout SECONDS      for each hop; by default 60
  --yes                  agree beforehand, in scripts

It creates a CloudWatch alarm of its own, tocsin-test/…, sets it to ALARM, waits for its message in Slack, sets it to OK, and deletes it,
also on Ctrl-C. People in the channel see a minor incident, which resolves by itself after correlation.resolveGraceSeconds.

Exit code 0: it arrived. 1: it did not, and it says how far it came. 2: it could not run.
`

const OPTIONS = {
  ...AWS_OPTIONS,
  via: { type: 'string', default: 'eventbridge' },
  timeout: { type: 'string', default: '60' },
  yes: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { stack: name, via, timeout, yes, ...options } = parse('test-alarm', args, OPTIONS)
    if (via !== 'eventbridge' && via !== 'sns')
      throw new UserError(`--via ${JSON.stringify(via)} is not known; write eventbridge or sns`)
    const seconds = Number(timeout)
    if (!Number.isFinite(seconds) || seconds <= 0) throw new UserError('--timeout must be a number of seconds, like 60')
    useAws(options)
    const stack = await deployedStack(name)
    const alarm = `tocsin-test/${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`
    const what = `This makes the CloudWatch alarm ${alarm} in ${stack.region || 'this region'}, raises it, and deletes it again.
People in the Slack channel see it as a minor incident.`
    if (!(await agree(terminal, { yes }, what))) return 0
    const actions = via === 'sns' ? [output(stack, 'AlarmTopicArn')] : []
    return follow({ alarm, actions, stack, timeoutMs: seconds * 1000 }, terminal)
  },
}
