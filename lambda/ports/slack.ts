// Slack as the stages see it: a channel whose messages can be found again, answers to clicks, groups and secrets.
import type { Block } from '../core/notify/slack/blocks.ts'

export interface Message {
  text: string
  blocks?: Block[]
}

/** `retry`: Slack asks to wait. `gone`: the message no longer exists. `fail`: trying again would not help; the reason says what to do. */
export type Sent =
  { is: 'sent'; ts: string } | { is: 'retry'; afterSeconds: number } | { is: 'gone' } | { is: 'fail'; reason: string }

/** `tag` marks a message so that it can be found again: the incident, and which part of it was sent. */
export interface Chat {
  post(message: Message, tag: string, threadTs?: string): Promise<Sent>
  update(ts: string, message: Message): Promise<Sent>
  /** Looks for a message with this tag among those since `sinceMs`, in the channel or in a thread. */
  find(tag: string, sinceMs: number, threadTs?: string): Promise<string | undefined>
}

/** Undefined if Slack would take a message; else why not, and what to do. Sends nothing, never throws. */
export type Probe = () => Promise<string | undefined>

/** What a click needs while the person waits: an answer only they see, and a dialog. */
export interface Dialogs {
  whisper(responseUrl: string, text: string): Promise<void>
  open(triggerId: string, view: Record<string, unknown>): Promise<void>
}

/** Slack's user groups. */
export interface Groups {
  has(group: string, user: string): Promise<boolean>
}

export interface Secrets {
  /** Newest first; two while one rotates. */
  signingSecrets(): Promise<string[]>
}
