// Every runbook of your own, rehearsed as its file says; and those that the tutorial shows.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { OWN, OWN_MISTAKES } from '../../lambda/runbooks/index.ts'
import { ownIn } from '../../lambda/runbooks/own.ts'
import { Refused, type Rehearsal, type Runbook, type Step, type Tools } from '../../lambda/runbooks/runbook.ts'
import { setup, teardown } from '../support/offline.ts'
import { checksOf, rehearse } from '../support/rehearse.ts'

const EXAMPLES = pathToFileURL('docs/examples/')
const shown = await ownIn(EXAMPLES, new Set())

for (const { file, runbook, rehearsal } of [...shown.own.values(), ...OWN.values()]) rehearse(file, runbook, rehearsal)

if (OWN_MISTAKES.length > 0)
  test.each(OWN_MISTAKES)('$key is a runbook', ({ key, problem }) => {
    throw new Error(`${key}: ${problem}`)
  })

describe('the tutorial', () => {
  test('shows runbooks', () => {
    expect(shown.mistakes).toEqual([])
    expect([...shown.own.keys()]).toEqual(['raise-throughput', 'switch-off'])
  })

  const page = readFileSync('docs/tutorial-runbook.md', 'utf8')
  const textOf = (name: string): string => readFileSync(shown.own.get(name)!.file, 'utf8')

  test('shows one as it is', () => {
    expect(page).toContain(`\`\`\`ts\n${textOf('switch-off').replaceAll('../../lambda/', '../lambda/')}\`\`\``)
  })

  test('and of the other, how it calls a service that nobody else calls', () => {
    const [lines] = /^ {2}apis: \{\n.*?^ {2}\},\n/ms.exec(textOf('raise-throughput'))!
    expect(page).toContain(lines)
  })
})

describe('a rehearsal finds', () => {
  beforeAll(setup)
  afterAll(teardown)

  const { runbook: good, rehearsal: own } = shown.own.get('switch-off')!
  const rehearsal = own!
  const put = (Value: string) => ({ Name: '/features/recommend', Value, Overwrite: true })
  /** Its only step, done in another way. */
  const doing = (turn: Step['turn'], undo?: Step['turn']): Runbook => ({
    ...good,
    steps: (facts, about) =>
      good.steps(facts, about).map((step) => ({ ...step, turn, ...(undo && { undo: { ...step.undo!, turn: undo } }) })),
  })
  const set = async ({ cloud }: Tools, value: string): Promise<{ done: string }> => {
    await cloud.call('ssm', 'PutParameter', put(value))
    return { done: 'done' }
  }
  const adding = async ({ cloud }: Tools): Promise<{ done: string }> => {
    const { Parameter } = await cloud.call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {})
    return set({ cloud } as Tools, `${Parameter.Value}!`)
  }
  const quietly = (tools: Tools) => set(tools, 'off').catch(() => ({ done: 'done' }))
  const endless = (): Rehearsal['outside'] => () => ({ ...rehearsal.outside(), isWell: () => true })
  const statements = (actions: string[], resources: string[]): Runbook => ({
    ...good,
    permissions: () => [{ actions, resources }],
  })
  const ALL = ['ssm:GetParameter', 'ssm:PutParameter', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData']

  const PROPOSES = 'a rule in the config proposes it'
  const LOOKS = 'its look changes nothing, and tells people what they need to decide'
  const WORKS = 'it works'
  const DIES = 'a process that dies after each act leaves the same behind'
  const HELPS_NOT = 'where it does not help, it says so and takes back what can be'
  const BACK = 'each step is taken back to where it began'
  const DENIED = 'where a call is denied, it says which and takes back what can be'

  test.each<[string, string, Runbook, Rehearsal, string]>([
    ['a wrong option', PROPOSES, good, { ...rehearsal, with: { parameters: '/x' } }, 'runbooks[0].with.parameters: '],
    ['a target that it lacks', PROPOSES, { ...good, needs: ['ecs'] }, rehearsal, 'switch-off needs target.ecs'],
    [
      'an alarm that is not its own',
      PROPOSES,
      { ...good, signals: ['disk'] },
      { ...rehearsal, signal: 'cpu' },
      'its signals are disk, and cpu fires',
    ],
    [
      'a look that acts',
      LOOKS,
      { ...good, look: async (tools, about) => (await set(tools, 'x'), good.look(tools, about)) },
      rehearsal,
      'the look changes something: ssm PutParameter',
    ],
    [
      'a look that stops',
      LOOKS,
      { ...good, look: async (tools, about) => ({ ...(await good.look(tools, about)), stop: 'no' }) },
      rehearsal,
      'nothing is proposed: no',
    ],
    [
      'a look that does not say what it acts on',
      LOOKS,
      { ...good, look: async (tools, about) => ({ ...(await good.look(tools, about)), scope: { words: '', on: {} } }) },
      rehearsal,
      'scope says nothing',
    ],
    [
      'a step without its calls',
      LOOKS,
      { ...good, steps: (...all) => good.steps(...all).map((step) => ({ ...step, calls: [] })) },
      rehearsal,
      'calls is empty',
    ],
    [
      'a permission that is missing',
      WORKS,
      statements(
        ALL.filter((action) => action !== 'ssm:PutParameter'),
        ['*'],
      ),
      rehearsal,
      'write ssm:PutParameter into permissions',
    ],
    [
      'a call that nobody has declared',
      WORKS,
      doing(async ({ cloud }) => ({ done: JSON.stringify(await cloud.call('sfn', 'StartExecution', {})) })),
      rehearsal,
      "nobody has declared the call sfn StartExecution: put it into the runbook's apis",
    ],
    [
      'a call without an answer',
      WORKS,
      good,
      { ...rehearsal, outside: () => ({ ...rehearsal.outside(), answers: {} }) },
      'the rehearsal has no answer to ssm GetParameter',
    ],
    [
      'a fix that is none',
      WORKS,
      doing((tools) => set(tools, 'of')),
      rehearsal,
      'Symptom is 9 (its alarm fires above 1)',
    ],
    [
      'a state that shows nothing',
      WORKS,
      good,
      { ...rehearsal, outside: () => ({ ...rehearsal.outside(), state: () => '' }) },
      'state() must show what the runbook changes',
    ],
    [
      'an act that must not be repeated',
      DIES,
      doing(adding),
      { ...rehearsal, outside: endless() },
      'it leaves something else behind: "on!!" instead of "on!"',
    ],
    [
      'a way back to somewhere else',
      HELPS_NOT,
      doing(
        (tools) => set(tools, 'off'),
        (tools) => set(tools, 'maybe'),
      ),
      rehearsal,
      'what was done is not taken back: "maybe" instead of "on"',
    ],
    [
      'a way back that fails',
      HELPS_NOT,
      doing(
        (tools) => set(tools, 'off'),
        () => Promise.reject(new Refused('no way')),
      ),
      rehearsal,
      'no way',
    ],
    [
      'a claim that it always helps',
      HELPS_NOT,
      { ...good, healthy: async () => ({ ok: true, text: 'sure' }) },
      rehearsal,
      'it claims that it helped: sure',
    ],
    [
      'a denial that it keeps to itself',
      DENIED,
      doing(quietly, quietly),
      rehearsal,
      'nobody learns that ssm PutParameter was denied',
    ],
    [
      'a denial that only what takes it back tells',
      DENIED,
      doing(quietly),
      rehearsal,
      'nobody learns that ssm PutParameter was denied',
    ],
    [
      'an act that nobody waits for',
      DENIED,
      doing(async (tools) => (void set(tools, 'off').catch(() => undefined), { done: 'done' })),
      rehearsal,
      'nobody learns that ssm PutParameter was denied',
    ],
    [
      'a crash between two calls of one turn',
      DIES,
      doing(async (tools) => {
        const { Parameter } = await tools.cloud.call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {})
        if (Parameter.Value === 'on') {
          await set(tools, 'half')
          await set(tools, 'off')
        }
        return { done: 'done' }
      }),
      rehearsal,
      'dead after act 1: it did not help',
    ],
    [
      'a wrong way back beside a step that has none',
      BACK,
      {
        ...good,
        steps: (facts, about) => {
          const [step] = good.steps(facts, about)
          const { undo: _, ...without } = step!
          return [{ ...step!, undo: { ...step!.undo!, turn: (tools) => set(tools, 'maybe') } }, without]
        },
      },
      rehearsal,
      'what takes it back ends elsewhere: "maybe" instead of "on"',
    ],
    [
      'a way back that takes back what was never done',
      DENIED,
      doing((tools) => set(tools, 'off'), adding),
      rehearsal,
      'what was done is not taken back: "on!" instead of "on"',
    ],
    [
      'evidence that it does not say it keeps',
      WORKS,
      doing(async (tools) => (await tools.evidence.put('x', 'y'), { done: 'done' })),
      rehearsal,
      'evidence without keepsEvidence',
    ],
    ['a target that is none', PROPOSES, good, { ...rehearsal, target: { ecss: {} } as never }, 'target: '],
    [
      'a look that writes what is there already',
      LOOKS,
      { ...good, look: async (tools, about) => (await set(tools, 'on'), good.look(tools, about)) },
      rehearsal,
      'the look changes something: ssm PutParameter',
    ],
    [
      'a turn that returns nothing',
      WORKS,
      doing(async () => undefined as never),
      rehearsal,
      'its turn returned undefined',
    ],
    [
      'a turn that does not say when it goes on',
      WORKS,
      doing(async () => ({ going: 'x' }) as never),
      rehearsal,
      'its turn returned {"going":"x"}, which is neither',
    ],
    [
      'facts that are no JSON',
      LOOKS,
      { ...good, look: async (...all) => ({ ...(await good.look(...all)), facts: { at: new Date(0) } }) },
      rehearsal,
      'facts must be JSON',
    ],
    [
      'steps that are a promise',
      LOOKS,
      { ...good, steps: (async () => []) as never },
      rehearsal,
      'steps must return a list',
    ],
    [
      'permissions that are a promise',
      WORKS,
      { ...good, permissions: (async () => []) as never },
      rehearsal,
      'permissions must return a list',
    ],
    [
      'an outside that is a promise',
      WORKS,
      good,
      { ...rehearsal, outside: (async () => ({})) as never },
      'outside must return',
    ],
    [
      'an answer under a name of IAM',
      WORKS,
      good,
      { ...rehearsal, outside: () => ({ ...rehearsal.outside(), answers: { 'ssm:GetParameter': () => ({}) } }) },
      "write it like 'ssm GetParameter'",
    ],
    [
      'a permission on everything',
      'a permission on everything says why AWS allows nothing narrower',
      statements(ALL, ['*']),
      rehearsal,
      'on *: name the resources, or say why',
    ],
  ])('%s', async (_, check, runbook, how, wanted) => {
    expect((await checksOf(runbook, how)[check]!()).join('; ')).toContain(wanted)
  })

  test('that there is none', async () => {
    const [problems] = Object.values(checksOf(good, undefined))
    expect(await problems!()).toEqual([expect.stringContaining('write export const rehearsal')])
  })
})

describe('a file in the folder that is no runbook is told, and stops no other', () => {
  const RUNBOOK = `{ name: 'mine', title: 'Mine', needs: [], destructive: false, options: 0, lock() {}, permissions() {}, look() {}, steps() {}, healthy() {} }`
  test.each([
    ['that has a slip of the pen', 'export default {', 'cannot be loaded: '],
    ['that imports what is not there', "import './gone.ts'", 'cannot be loaded: '],
    ['that exports nothing', 'const runbook = 1', 'exports no runbook: write export default defineRunbook({ … })'],
    ['that lacks a part', "export default { name: 'mine' }", 'title: '],
    ['whose name cannot be one', `export default { ...${RUNBOOK}, name: 'My Runbook' }`, 'name: must be lower-case'],
    ['whose options are no schema', `export default ${RUNBOOK}`, 'options: must be a Zod schema'],
    ['that is called like another', undefined, 'there is already a runbook "switch-off": give it another name'],
  ])('one %s', async (_, text, wanted) => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-own-'))
    try {
      if (text !== undefined) {
        writeFileSync(join(folder, 'a.ts'), text)
        writeFileSync(join(folder, 'a.test.ts'), 'not read')
        writeFileSync(join(folder, 'README.md'), 'not read')
      }
      const { own, mistakes } =
        text === undefined
          ? await ownIn(EXAMPLES, new Set(['switch-off']))
          : await ownIn(pathToFileURL(`${folder}/`), new Set())
      expect([...own.keys()]).toEqual(text === undefined ? ['raise-throughput'] : [])
      expect(mistakes).toEqual([
        {
          key: expect.stringMatching(/^runbooks\/(a|switch-off)\.ts$/) as string,
          problem: expect.stringContaining(wanted) as string,
        },
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('no folder, no runbooks', async () => {
    expect(await ownIn(pathToFileURL('docs/no-such-folder/'), new Set())).toEqual({ own: new Map(), mistakes: [] })
  })
})
