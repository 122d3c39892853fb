// Nothing is changed before the person is told and agrees.
import { UserError } from '../load-config.ts'
import type { Terminal } from './terminal.ts'

/** Says what is about to change; false if the person says no. Throws if there is nobody to ask and no `--yes`. */
export async function agree(terminal: Terminal, { yes }: { yes: boolean }, what: string): Promise<boolean> {
  terminal.note(what)
  if (yes) return true
  if (!terminal.canAsk) throw new UserError('nothing was changed: there is no terminal to ask in; add --yes to agree')
  const agreed = await terminal.ask.confirm('Go on?')
  if (!agreed) terminal.note('Nothing was changed.')
  return agreed
}
