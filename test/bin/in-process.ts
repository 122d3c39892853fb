// Runs a command as `tocsin` does, but in this process: many runs in the time that one process needs to start.
import type { Command } from '../../bin/command.ts'
import type { Terminal } from '../../bin/terminal/terminal.ts'
import type { Ran } from './cli.ts'

export interface Person {
  /** One answer per question, in order. Unset: nobody is there to ask. */
  answers?: (string | boolean | ((choices: { name: string }[]) => unknown[]))[]
}

/** Makes the clients in this process talk to the world. */
export const live = (environment: Record<string, string>): void => void Object.assign(process.env, environment)

export async function run(command: Command, args: string[], { answers }: Person = {}): Promise<Ran> {
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  const left = [...(answers ?? [])]
  const next = (question: string): unknown => {
    ran.stderr += `${question}\n`
    if (left.length === 0) throw new Error(`nobody answers: ${question}`)
    return left.shift()
  }
  const terminal: Terminal = {
    print: async (text) => void (ran.stdout += text),
    note: (text) => void (ran.stderr += `${text}\n`),
    waiting: () => undefined,
    canAsk: answers !== undefined,
    ask: {
      confirm: async (question) => next(question) as boolean,
      secret: async (question) => next(question) as string,
      text: async (question, initial, check) => {
        for (;;) {
          const answer = (next(question) as string) || initial
          const problem = check?.(answer) ?? true
          if (problem === true) return answer
          ran.stderr += `${problem}\n`
        }
      },
      pick: async <T>(question: string, choices: { value: T; name: string; checked?: boolean }[]) => {
        const answer = next(question)
        if (typeof answer === 'function') return (answer as (all: typeof choices) => T[])(choices)
        return choices.filter(({ checked }) => checked).map(({ value }) => value)
      },
    },
    paint: (_style, text) => text,
  }
  try {
    ran.code = (await command.run(args, terminal)) ?? 0
  } catch (error) {
    ran.code = 2
    ran.stderr += `tocsin: ${(error as Error).message}\n`
    if ((error as Error).name !== 'UserError' && (error as Error).name !== 'ConfigError') throw error
  }
  return ran
}
