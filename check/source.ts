// Types of all sources, and lint of the files or folders given. In one process: both first read the types of every package, which takes most of
// their time.
import { ESLint } from 'eslint'
import ts from 'typescript'

/** Remembers what passed the last time; a clean clone has none, and checks everything. */
const KNOWN = 'node_modules/.cache/tocsin/types.json'

function programOf(): ts.EmitAndSemanticDiagnosticsBuilderProgram {
  const options = { incremental: true, tsBuildInfoFile: KNOWN }
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail }
  const { fileNames: rootNames, options: found } = ts.getParsedCommandLineOfConfigFile('tsconfig.json', options, host)!
  return ts.createIncrementalProgram({ rootNames, options: found })
}

function fail(diagnostic: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
}

function typeErrors(program: ts.EmitAndSemanticDiagnosticsBuilderProgram): readonly ts.Diagnostic[] {
  const errors = [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program.getSemanticDiagnostics(),
  ]
  program.emit()
  return errors
}

const print = (errors: readonly ts.Diagnostic[]): string =>
  ts.formatDiagnosticsWithColorAndContext(errors, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => process.cwd(),
    getNewLine: () => '\n',
  })

async function lint(program: ts.Program, files: string[]): Promise<{ text: string; isClean: boolean }> {
  const eslint = new ESLint({
    errorOnUnmatchedPattern: false,
    overrideConfig: {
      files: ['**/*.ts', '**/*.tsx'],
      languageOptions: { parserOptions: { programs: [program], projectService: false } },
    },
  })
  const results = files.length > 0 ? await eslint.lintFiles(files) : []
  const formatter = await eslint.loadFormatter()
  return { text: await formatter.format(results), isClean: results.every(({ errorCount }) => errorCount === 0) }
}

const began = performance.now()
const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`

const program = programOf()
const errors = typeErrors(program)
process.stdout.write(errors.length > 0 ? print(errors) : `types: sound (${seconds()})\n`)
const { text, isClean } = await lint(program.getProgram(), process.argv.slice(2))
process.stdout.write(text || `lint: clean (${seconds()})\n`)
if (errors.length > 0 || !isClean) process.exitCode = 1
