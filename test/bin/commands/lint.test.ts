// `tocsin lint` as a person runs it.
import { folder, type Folder } from '../cli.ts'

let here: Folder
beforeEach(async () => void (here = await folder()))
afterEach(() => here.remove())

const LONG = {
  services: {
    'studio-api': { timeoutSeconds: 30, dependsOn: ['athena'] },
    'web-experience': { timeoutSeconds: 4, dependsOn: ['athena'] },
    athena: { timeoutSeconds: 60 },
  },
}

test('names who waits too long, who gives up before, and the number to set', async () => {
  const { code, stdout, stderr } = await here.run('lint', '--config', await here.write('c.json', LONG))
  expect(stderr).toBe('')
  expect(code).toBe(1)
  expect(stdout).toBe(`1 service waits longer than its callers:

  athena waits 60 s
    web-experience gives up after 4 s
    studio-api gives up after 30 s
    set timeoutSeconds of athena, and the timeout itself, to 3.2 or less
`)
})

test('as JSON', async () => {
  const { code, stdout } = await here.run('lint', '--json', '--config', await here.write('c.json', LONG))
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    services: 3,
    withTimeout: 3,
    findings: [
      {
        service: 'athena',
        timeoutSeconds: 60,
        callers: [
          { service: 'web-experience', timeoutSeconds: 4, through: [] },
          { service: 'studio-api', timeoutSeconds: 30, through: [] },
        ],
        suggestedSeconds: 3.2,
      },
    ],
  })
})

test.each([
  [
    'all is well',
    { api: { timeoutSeconds: 5, dependsOn: ['db'] }, db: { timeoutSeconds: 2 } },
    'No service waits longer than its callers. 2 of 2 services say how long they wait.\n',
  ],
  [
    'no timeout is known',
    { api: {} },
    'No service says how long it waits: set timeoutSeconds in services.<id>. 1 service checked.\n',
  ],
])('%s: exit code 0', async (_, services, words) => {
  const { code, stdout } = await here.run('lint', '--config', await here.write('c.json', { services }))
  expect({ code, stdout }).toEqual({ code: 0, stdout: words })
})

test.each([
  [['--config', 'no.json'], 'tocsin: there is no file no.json\n'],
  [['--strict'], "tocsin: Unknown option '--strict'"],
])('%s cannot run: exit code 2', async (args, words) => {
  const { code, stderr } = await here.run('lint', ...args)
  expect(code).toBe(2)
  expect(stderr).toContain(words)
})
