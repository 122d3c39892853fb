// `tocsin replay`: what recorded alarms would have become with a config.
import { timeOf } from '../../lambda/core/intake/envelopes.ts'
import { ACTIONS, isAction } from '../../lambda/core/respond/actions/index.ts'
import { snooze } from '../../lambda/core/respond/actions/snooze.ts'
import { replay, type Click } from '../../replay/replay.ts'
import { tell } from '../../replay/story.ts'
import { parse, type Command } from '../command.ts'
import { DEFAULT_CONFIG, loadConfig, parseJson, readText, UserError } from '../load-config.ts'

const HELP = `tocsin replay: what recorded alarms would have become. No network, no waiting: a virtual clock.

  --events FILE.jsonl    one message a line: a JSON object as the queue gets it, or a JSON string that is a raw message body
  --config FILE          TypeScript or JSON; by default ${DEFAULT_CONFIG}
  --actions FILE.json    clicks on the way: [{ "at": "2024-05-02T14:45:00Z", "user": "Ana", "action": "acknowledge" }]
                         action: ${Object.keys(ACTIONS).join(', ')}
                         incident: its id, by default the newest that is open then
                         choice: for snooze ${Object.keys(snooze.choices!).join(', ')}; for unrelated the service's id
  --json                 one JSON object on stdout, and nothing else

Empty lines are skipped; every other line ends as part of an incident, as ignored, or as unreadable, with its number and the reason.
slack.posts counts every post, also the one line about messages that could not be read.

Exit code 0: it ran. 2: it could not, and says why.
`

const OPTIONS = {
  events: { type: 'string' },
  config: { type: 'string', default: DEFAULT_CONFIG },
  actions: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { events, config: configFile, actions, json } = parse('replay', args, OPTIONS)
    if (events === undefined) throw new UserError('which alarms? Give --events FILE.jsonl; see tocsin replay --help')
    const config = await loadConfig(configFile, withoutSlack)
    const clicks = actions === undefined ? [] : readClicks(parseJson(await readText(actions), actions), actions)
    const { story, world, missed } = await replay(config, linesOf(await readText(events), events), clicks)
    for (const { user, action, at } of missed)
      terminal.note(`tocsin: ${user}'s ${action} at ${new Date(at).toISOString()} found no incident to act on`)
    await terminal.print(json ? `${JSON.stringify(story)}\n` : tell(story, world))
  },
}

/** A replay does not talk to Slack: a config with only services will do. */
function withoutSlack(input: unknown): unknown {
  return typeof input === 'object' && input !== null && !Array.isArray(input) && !('slack' in input)
    ? { ...input, slack: { channel: 'replay' } }
    : input
}

/** A line that is not JSON counts as a raw body that is not JSON: intake says so. Empty lines are skipped but still counted. */
function linesOf(text: string, file: string): { line: number; message: unknown }[] {
  const lines = text
    .split(/\r?\n/)
    .map((words, place) => ({ words: place === 0 ? words.replace(/^\ufeff/, '') : words, line: place + 1 }))
  const filled = lines.filter(({ words }) => words.trim() !== '')
  if (filled.length === 0) throw new UserError(`${file} is empty: it must hold one alarm message a line`)
  return filled.map(({ words, line }) => {
    try {
      return { line, message: JSON.parse(words) as unknown }
    } catch {
      return { line, message: words }
    }
  })
}

const CLICK_KEYS = ['at', 'user', 'action', 'incident', 'choice']

function readClicks(input: unknown, file: string): Click[] {
  if (!Array.isArray(input)) throw new UserError(`${file} must hold a list: [{ "at", "user", "action", "incident"? }]`)
  const mistakes: string[] = []
  const clicks = (input as unknown[]).map((entry, place) => {
    const { at, user, action, incident, choice } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<
      string,
      unknown
    >
    const unknown = Object.keys(typeof entry === 'object' && entry !== null ? entry : {}).filter(
      (key) => !CLICK_KEYS.includes(key),
    )
    const wrong = (key: string, what: string): void => void mistakes.push(`  [${place}].${key}: ${what}`)
    const time = timeOf(at)
    const [name, inline] = typeof action === 'string' ? action.split(/[: ](.*)/s) : []
    const known = isAction(name) ? name : undefined
    for (const key of unknown) wrong(key, `is not a key of an action; write one of ${CLICK_KEYS.join(', ')}`)
    if (time === undefined) wrong('at', 'must be a time, like "2024-05-02T14:45:00Z"')
    if (typeof user !== 'string' || user === '') wrong('user', 'must be a name')
    if (known === undefined) wrong('action', `must be one of ${Object.keys(ACTIONS).join(', ')}`)
    if (incident !== undefined && typeof incident !== 'string')
      wrong('incident', 'must be the id of an incident, like "INC-0001"')
    const picked = typeof choice === 'string' ? choice : inline || undefined
    if (choice !== undefined && typeof choice !== 'string') wrong('choice', 'must be text')
    if (known === 'snooze' && picked !== undefined && !Object.hasOwn(snooze.choices!, picked))
      wrong('choice', `must be one of ${Object.keys(snooze.choices!).join(', ')}`)
    if (known === 'unrelated' && picked === undefined)
      wrong('choice', 'must be the id of the service that is not related')
    return {
      at: time ?? 0,
      user: String(user),
      action: known ?? 'acknowledge',
      ...(typeof incident === 'string' && { incident }),
      ...(picked !== undefined && { choice: picked }),
    }
  })
  if (mistakes.length > 0)
    throw new UserError(
      `${file} has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.join('\n')}`,
    )
  return clicks
}
