// A proposal as people see it in Slack, and the click on it.
import type { Message } from '../../local/slack/types.ts'
import { toldAtHome } from '../../lambda/store/ledger/ledger.ts'
import { tableOf } from '../support/aws.ts'
import { ANA, CHANNEL } from '../support/slack.ts'
import { check, eventually } from '../support/steps.ts'
import { incidentOf, runOf, type World } from './world.ts'

/** The incident's message, once the button is in it. */
export const proposal = (world: World, service: string): Promise<Message> =>
  eventually(`the proposal for ${service} is in Slack`, async () => {
    const incident = await incidentOf(world, service)
    const { id } = incident
    const told = await toldAtHome(tableOf(world.aws, world.outputs.TableName), incident)
    // Saved with its channel in front.
    world.messages[id] = told?.ref?.split('/').at(-1) ?? ''
    const message = await messageOf(world, id)
    if (JSON.stringify(message.blocks).includes('"approve"')) return message
    throw new Error(`the message shows ${lines(message).join('\n')}`)
  })

export async function messageOf({ slack, messages }: World, incident: string): Promise<Message> {
  const message = (await slack.messages()).find(({ ts }) => ts === messages[incident])
  check(message !== undefined, `${incident} has no message`)
  return message
}

/** The part of the message about the runbook, as people see it. */
export function lines({ blocks = [] }: Message): string[] {
  const texts = blocks.map((block) => (block['text'] as { text?: string } | undefined)?.text ?? '')
  const about = texts.filter((text) => text.startsWith('🛠️')).join('\n')
  const seen = about.replace(/<!date\^[^|]*\|([^>]*)>/g, '$1').replace(/<@U0([A-Z]+)>/g, '@$1')
  return seen.split('\n').map(short)
}

/** S3 paths are long. */
const LONGEST = 180

export const short = (line: string): string => (line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line)

/** Ana presses Approve; where something is removed, a question opens, and she says yes. Slack signs both, and the function URL answers. */
export async function approve(world: World, service: string): Promise<void> {
  await press(world, service, 'approve')
  if (!(await runOf(world, service)).destructive) return
  const view = await eventually('the question opens', async () => world.slack.snapshot(ANA).view)
  const { ok, error } = await world.slack.submitView({ userId: ANA, viewId: view.id, values: {} })
  check(ok, `the answer was answered with: ${error}`)
}

/** Ana presses a button of the run. */
export async function press(world: World, service: string, actionId: string): Promise<void> {
  const { id } = await incidentOf(world, service)
  const run = await runOf(world, service)
  const where = { userId: ANA, channel: CHANNEL.id, ts: world.messages[id]! }
  const { ok, error } = await world.slack.act({ ...where, blockId: `run:${id}:${run.id}`, actionId })
  check(ok, `the click was answered with: ${error}`)
}

/** Waits until the run has ended and has helped; returns what the message then shows. */
export async function helped(world: World, service: string, withinSeconds: number): Promise<Message> {
  const run = await eventually(
    `the run for ${service} has ended`,
    async () => {
      const now = await runOf(world, service)
      if (now.endedAt !== undefined) return now
      throw new Error(
        `${now.status}: ${now.steps.map(({ name, status, text }) => `${name}: ${status} ${text}`).join('; ')}`,
      )
    },
    withinSeconds,
  )
  check(run.status === 'succeeded', `it ended as ${run.status}: ${run.why}\n${JSON.stringify(run.steps, null, 1)}`)
  const { id } = await incidentOf(world, service)
  return eventually('the message says that it helped', async () => {
    const message = await messageOf(world, id)
    return JSON.stringify(message).includes('*helped*') ? message : undefined
  })
}
