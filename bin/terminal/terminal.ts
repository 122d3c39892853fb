// What a command prints and asks: its results on stdout, everything else on stderr, so that results can be piped.
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

export interface Choice<T> {
  value: T
  name: string
  /** What remains shown once it is chosen. */
  short?: string
  checked?: boolean
}

/** Each throws an `ExitPromptError` when the person presses Ctrl-C. */
export interface Questions {
  confirm(question: string): Promise<boolean>
  /** Shows nothing that is typed. */
  secret(question: string): Promise<string>
  /** `check` returns true, or what is wrong with the answer. */
  text(question: string, initial: string, check?: (answer: string) => true | string): Promise<string>
  pick<T>(question: string, choices: Choice<T>[]): Promise<T[]>
}

export interface Terminal {
  /** Waits until everything is written: a pipe may be slower than we are. */
  print(text: string): Promise<void>
  /** For people, apart from the result. */
  note(text: string): void
  /** One line that is overwritten; nothing if nobody is watching. Without a text it goes away. */
  waiting(text?: string): void
  /** Is a person there to answer? */
  canAsk: boolean
  ask: Questions
  /** Color, if stdout shows colors and NO_COLOR is not set. */
  paint(style: Style, text: string): string
}

const CLEAR_LINE = '\r\u001b[2K'

export const processTerminal = (): Terminal => ({
  print: (text) => new Promise((done) => process.stdout.write(text, () => done())),
  note: (text) => void process.stderr.write(`${text}\n`),
  waiting(text) {
    if (!process.stderr.isTTY) return
    process.stderr.write(text === undefined ? CLEAR_LINE : `${CLEAR_LINE}${text.slice(0, process.stderr.columns - 1)}`)
  },
  canAsk: Boolean(process.stdin.isTTY && process.stderr.isTTY),
  ask: {
    confirm: async (message) => (await prompts()).confirm({ message, default: false }, ON_STDERR),
    secret: async (message) => (await prompts()).password({ message, mask: false }, ON_STDERR),
    text: async (message, initial, validate = () => true) =>
      (await prompts()).input({ message, default: initial, validate }, ON_STDERR),
    pick: async (message, choices) =>
      (await prompts()).checkbox({ message, choices, pageSize: 15, loop: false }, ON_STDERR),
  },
  paint: (style, text) => styleText(style, text, { stream: process.stdout }),
})

const ON_STDERR = { output: process.stderr }

/** Loaded only when there is something to ask. */
const prompts = () => import('@inquirer/prompts')
