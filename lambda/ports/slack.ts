// Slack as the stages see it: channels whose messages can be found again, answers to clicks, groups and secrets.
import type { Block } from '../core/notify/slack/blocks.ts'
import type { Installation } from '../core/respond/interaction.ts'

export interface Message {
  text: string
  blocks?: Block[]
}

/**
 * Why a call did not do what it was for. `retry`: Slack asks to wait, and did nothing. `refused`: it did nothing, and will not until somebody
 * mends that message, the channel, or the whole app; the reason says what to do. `lost`: nobody knows whether it did it.
 */
export type Trouble =
  | { is: 'retry'; afterSeconds: number }
  | { is: 'refused'; by: 'message' | 'channel' | 'app'; reason: string }
  | { is: 'lost'; reason: string }

/** `ref` names the message from now on. `gone`: it no longer exists. */
export type Sent = { is: 'sent'; ref: string } | { is: 'gone' } | Trouble

export type Search = { is: 'found'; ref: string } | { is: 'missing' } | Trouble

/** Where a message goes: a channel, as the config writes it, or the thread of a message; `inChannel`: and to its channel as well. */
export type Where = { channel: string } | { thread: string; inChannel?: boolean }

/** Nothing here throws for Slack's sake. `tag` marks a message so that it can be found again. */
export interface Chat {
  post(where: Where, message: Message, tag: string): Promise<Sent>
  update(ref: string, message: Message): Promise<Sent>
  /** The id of a channel that the config calls by its name; undefined if it is an id, or Slack does not say. */
  resolve(channel: string): Promise<string | undefined>
  /** Looks for a message with this tag among those since `sinceMs`. */
  find(where: Where, tag: string, sinceMs: number): Promise<Search>
}

/** Undefined if Slack would take a message in each of these channels; else why not, and what to do. Sends nothing, never throws. `ids`: by channel, those that are known. */
export type Probe = (channels: readonly string[], ids?: ReadonlyMap<string, string>) => Promise<string | undefined>

/** What a click needs while the person waits: an answer only they see, and a dialog. */
export interface Dialogs {
  whisper(responseUrl: string, text: string): Promise<void>
  open(triggerId: string, view: Record<string, unknown>): Promise<void>
}

export interface People {
  /** Of a user group. */
  isIn(group: string, user: string): Promise<boolean>
  /** Of the workspace in which Tocsin is installed: no guest, nobody of another organization, no bot. `Refused` if Slack will not tell. */
  isFullMember(user: string): Promise<boolean>
}

export interface Secrets {
  /** Signing secrets newest first; two while one rotates. */
  connection(): Promise<{ signingSecrets: string[]; installation: Installation }>
}
