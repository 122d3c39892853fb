// Every key of the config: its type, its bounds, its default and what it means.
import * as z from 'zod'
import { KINDS, SEVERITIES, SIGNALS } from '../core/facts/signals.ts'
import { CORRELATION, DEPLOY, REMEDIATION, WATCHDOG } from '../core/services/config.ts'
import { target } from './target.ts'
import { watch } from './watch.ts'

const DAY = 86_400
const seconds = (most: number, what: string, initial: number) =>
  z.number().int().min(0).max(most).default(initial).describe(`Seconds (0 to ${most}). ${what}`)

const ID = 'an id has 1 to 128 characters'
const id = z.string().min(1, ID).max(128, ID)
const text = z.string().min(1)

const matcher = z
  .strictObject({
    name: text.optional().describe("The alarm's name; * and ? are wildcards, as in every field of a matcher"),
    namespace: text.optional(),
    metric: text.optional(),
    dimensions: z.record(z.string(), z.string()).optional().describe('All of them must fit'),
    account: text.optional(),
    region: text.optional(),
  })
  .describe('All fields that are given must fit; * and ? are wildcards')

const MOST_LINKS = 5

const service = z.strictObject({
  title: text.optional().describe('How people call it; by default its id'),
  kind: z.enum(KINDS).default('service').describe('Load balancers and clients only show what is behind them'),
  dependsOn: z.array(id).default([]).describe('Ids of the services that it calls or uses'),
  alarms: z
    .array(matcher)
    .default([])
    .describe('Which alarms are its own; by default those that hold its id in a dimension or in their name'),
  statusPage: z.array(text).default([]).describe('Components of the status page that people see break with it'),
  target: target.optional().describe('Its resources: what runbooks act on and what `watch` makes alarms for'),
  watch: watch.default(false).describe('Makes the recommended alarms for its target; thresholds can be set one by one'),
  timeoutSeconds: z
    .number()
    .positive()
    .max(3600)
    .optional()
    .describe('How long it waits for what it calls before it gives up'),
  team: id
    .optional()
    .describe('The team that owns it, one of `teams`; its incidents are told in the channel of that team'),
  links: z
    .record(
      text.max(40),
      z.url({ protocol: /^https?$/, error: 'is no address; write one that begins with https://' }).max(1000),
    )
    .refine((links) => Object.keys(links).length <= MOST_LINKS, `has more than ${MOST_LINKS} links`)
    .optional()
    .describe('Up to 5 addresses by label, like its dashboard; shown where something is wrong with it'),
})

const channel = text
  .regex(/^(?!#*$)(?!.*:\/\/)\S+$/, 'is no channel; write its name, like "#ops", or its id (C…)')
  .describe('Id (C…) or name of the channel')

const approvers = z.array(
  z
    .string()
    .regex(/^[UWS][A-Z0-9]{2,}$/, 'is no Slack id of a user (U…) or a user group (S…); profiles in Slack show it'),
)

const escalation = z.array(
  z.strictObject({
    afterSeconds: z
      .number()
      .int()
      .min(0)
      .max(7 * DAY),
    notify: z.array(text).min(1).describe('Slack ids of users (U…) or user groups (S…)'),
  }),
)

const team = z.strictObject({
  title: text.optional().describe('How people call it; by default its id'),
  channel: channel.describe('Id (C…) or name of its channel'),
  escalation: escalation.optional().describe('Who of it is told when nobody acknowledges; by default `escalation`'),
  approvers: approvers
    .min(1)
    .optional()
    .describe(
      'Who may approve runbooks on its services: Slack ids of users (U…) or user groups (S…); by default `slack.approvers`',
    ),
})

const { flap, ...defaults } = CORRELATION

const correlation = z.strictObject({
  windowSeconds: seconds(
    DAY,
    'A tied alarm joins an incident within this time of its last change',
    defaults.windowSeconds,
  ),
  resolveGraceSeconds: seconds(
    6 * 3600,
    'How long everything must stay quiet before an incident resolves',
    defaults.resolveGraceSeconds,
  ),
  reopenWindowSeconds: seconds(
    7 * DAY,
    'A refire within this time of the end continues the same incident',
    defaults.reopenWindowSeconds,
  ),
  holdSeconds: seconds(
    900,
    'Minor incidents are held back for this time, in case they pass by themselves',
    defaults.holdSeconds,
  ),
  flap: z
    .strictObject({
      changes: z.number().int().min(3).max(20).default(flap.changes),
      withinSeconds: z.number().int().min(60).max(DAY).default(flap.withinSeconds),
    })
    .default(flap)
    .describe('So many changes within so many seconds are one notice, not many'),
})

const { recurrence } = REMEDIATION

const remediation = z
  .strictObject({
    stopped: z.boolean().default(REMEDIATION.stopped).describe('Nothing runs; the same switch is in Slack'),
    cooldownSeconds: seconds(DAY, 'After a run, nothing touches its target for so long', REMEDIATION.cooldownSeconds),
    perHour: z.number().int().min(1).max(20).default(REMEDIATION.perHour).describe('Runs of one target within an hour'),
    autoPerHour: z
      .number()
      .int()
      .min(0)
      .max(20)
      .default(REMEDIATION.autoPerHour)
      .describe('Automatic runs within an hour, of all runbooks; what comes then asks first'),
    expirySeconds: z
      .number()
      .int()
      .min(60)
      .max(DAY)
      .default(REMEDIATION.expirySeconds)
      .describe('A proposal that nobody approved within this time is no longer valid'),
    recurrence: z
      .strictObject({
        times: z.number().int().min(2).max(50).default(recurrence.times),
        days: z.number().int().min(1).max(30).default(recurrence.days),
      })
      .default(recurrence)
      .describe('A fix that worked so often within so many days hides something: a person is told'),
  })
  .describe('What bounds every runbook')

const watchdog = z
  .strictObject({
    emails: z
      .array(z.email('is not an e-mail address'))
      .default([])
      .describe('Who is told when Tocsin itself does not work, by e-mail, not by Tocsin'),
    syntheticMinutes: z
      .number()
      .int()
      .min(0)
      .max(720)
      .default(WATCHDOG.syntheticMinutes)
      .describe('Every so many minutes an alarm passes from end to end, and its absence is told; 0: never'),
    dashboard: z.boolean().default(WATCHDOG.dashboard).describe('A CloudWatch dashboard of Tocsin itself'),
  })
  .describe('Who watches the watchman')

const deploy = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z][A-Za-z\d-]{0,39}$/,
        'is no name of a stack: a letter, then at most 39 letters, digits and hyphens',
      )
      .default(DEPLOY.name)
      .describe(
        'The name of the stack: several in one account and region, as for staging and production, need one each',
      ),
    organization: z
      .string()
      .regex(/^o-[a-z0-9]{10,32}$/, 'is not the id of an AWS organization; it looks like "o-a1b2c3d4e5"')
      .optional()
      .describe('Accounts of this organization may send their alarms here'),
    customerKey: z
      .boolean()
      .default(DEPLOY.customerKey)
      .describe("Encrypts with a key of your own (1 USD a month) instead of the services' own"),
    logDays: z
      .literal([1, 3, 5, 7, 14, 30, 60, 90, 180, 365])
      .default(DEPLOY.logDays)
      .describe('How long logs are kept'),
    vpc: z
      .strictObject({
        subnets: z.array(z.string().regex(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'is not the id of a subnet')).min(1),
        securityGroups: z
          .array(z.string().regex(/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, 'is not the id of a security group'))
          .min(1),
      })
      .optional()
      .describe('Network of runbooks for a broker without a public address; it needs a way to the APIs of AWS'),
    clicksAtOnce: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(DEPLOY.clicksAtOnce)
      .describe(
        "Requests to the address that Slack calls that run at once: bounds what a flood can cost. Reserved from the account's concurrency; 0 reserves nothing, for a new account that has none to reserve",
      ),
  })
  .describe('How the stack is made')

export const schema = z.strictObject({
  $schema: z.string().optional(),
  slack: z.strictObject({
    channel,
    approvers: approvers
      .default([])
      .describe(
        'Slack ids of users (U…) or user groups (S…) who may approve runbooks; by default any full member of the workspace',
      ),
  }),
  timeZone: z
    .string()
    .refine(isTimeZone, 'is not a time zone; write one like "Europe/Zurich" or "UTC"')
    .default('UTC')
    .describe('Where it is morning when a snooze ends "until morning"'),
  services: z.record(id, service).describe('By id: free text of up to 128 characters'),
  teams: z
    .record(id, team)
    .default({})
    .describe('By id: who owns services, and where they are told; what belongs to no team is told in `slack.channel`'),
  signals: z
    .array(z.strictObject({ namespace: text.optional(), metric: text.optional(), signal: z.enum(SIGNALS) }))
    .default([])
    .describe('Which metrics are which signal, before the table that Tocsin knows'),
  accounts: z
    .record(z.string().regex(/^\d{12}$/, 'is no account id: 12 digits'), text)
    .default({})
    .describe(
      'Names of AWS accounts, for people. Alarms of these may belong to a service by its id in their names and dimensions; those of others, besides the account of Tocsin itself, only by matchers',
    ),
  ignore: z.array(matcher).default([]).describe('Alarms that are no news: they open and join no incident'),
  ignoreTargetTracking: z
    .boolean()
    .default(true)
    .describe('Ignores the alarms that Application Auto Scaling makes to scale by: they fire whenever all is well'),
  severity: z
    .array(z.strictObject({ when: matcher, is: z.enum(SEVERITIES) }))
    .default([])
    .describe('How bad alarms are; the first that fits counts, and what none fits counts as by default'),
  correlation: correlation.default({ ...defaults, flap }),
  escalation: escalation.default([]).describe('Who is told when nobody acknowledges'),
  runbooks: z
    .array(
      z.strictObject({
        runbook: text,
        when: z.strictObject({ service: id.optional(), signals: z.array(z.enum(SIGNALS)).optional() }),
        mode: z.enum(['suggest', 'auto']),
        approvals: z.number().int().min(1).max(5).default(1),
        with: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .default([]),
  statusPage: z.record(z.string(), z.unknown()).optional(),
  remediation: remediation.prefault({}),
  watchdog: watchdog.prefault({}),
  deploy: deploy.prefault({}),
})

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
