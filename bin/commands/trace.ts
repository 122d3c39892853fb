// `tocsin trace`: where in the sources did a deployed function fail? Its code is a few long lines; the source map stays local.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { bundle } from '../../lib/function/bundle.ts'
import { MEMORY_MIB } from '../../lib/function/memory.ts'
import { UserError } from '../load-config.ts'
import type { Command } from '../command.ts'

const ENTRIES = Object.keys(MEMORY_MIB)

const HELP = `tocsin trace FUNCTION: maps a stack trace from a deployed function's log to source files and lines. Reads the trace from stdin:

  npx tocsin trace notify < trace.txt

FUNCTION is one of ${ENTRIES.join(', ')}. Run it on the version that was deployed: the map is made from these sources.
`

export const command: Command = {
  help: HELP,
  async run([entry = ''], terminal) {
    if (!ENTRIES.includes(entry))
      throw new UserError(`trace: name the function whose trace it is: ${ENTRIES.join(', ')}; see tocsin trace --help`)
    const trace = process.stdin.isTTY ? '' : await text(process.stdin)
    if (trace.trim() === '')
      throw new UserError(`trace: give it the trace on stdin: npx tocsin trace ${entry} < trace.txt`)
    const root = resolve(import.meta.dirname, '..', '..')
    await terminal.print(readable(trace, join(root, 'lambda', 'entry', `${entry}.ts`), root))
  },
}

/** `source`: the TypeScript file that was bundled; paths are shown from `root` on. */
export function readable(trace: string, source: string, root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-trace-'))
  try {
    const file = join(folder, 'map')
    bundle(source, join(folder, 'index.js'), file)
    const map = new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload)
    return trace.replace(/(?<![^\s("])[^\s("]*index\.js:(\d+):(\d+)/g, (place, line: string, column: string) => {
      const origin = map.findOrigin(Number(line), Number(column))
      return 'fileName' in origin
        ? `${relative(root, resolve(process.cwd(), origin.fileName))}:${origin.lineNumber}:${origin.columnNumber}`
        : place
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
