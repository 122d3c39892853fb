// The scripts of runbooks on a real shell: they remove what was declared and nothing else, and say when something failed.
import { execFile, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanLines, growLines, lookLines, readLook } from '../../lambda/runbooks/free-disk/scripts.ts'
import { quoted } from '../../lambda/runbooks/parts/shell.ts'
import { rollingRestart } from '../../lambda/runbooks/rolling-restart/recipe.ts'
import { drive } from './drive.ts'
import { SINCE, toolsOf } from './fakes/cloud.ts'
import { small } from './fakes/world.ts'

const run = promisify(execFile)
const sh = async (lines: string[]): Promise<string> => (await run('sh', ['-c', lines.join('\n')])).stdout

let root: string
const old = async (path: string, bytes: number): Promise<void> => {
  await writeFile(join(root, path), 'x'.repeat(bytes))
  await utimes(join(root, path), new Date(0), new Date(0))
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-disk-'))
  for (const folder of ['logs', 'logs/old.gz', 'cache', 'cache/deep', 'keep']) await mkdir(join(root, folder))
  await old('logs/a.gz', 5000)
  await old('logs/old.gz/inside', 5000)
  await old('logs/live.log', 5000)
  await writeFile(join(root, 'logs/new.gz'), 'written just now')
  await old('cache/deep/b', 9000)
  await old('keep/me', 5000)
  await symlink(join(root, 'keep'), join(root, 'cache/link'))
  await symlink(join(root, 'keep'), join(root, 'logs/link.gz'))
})
afterEach(() => rm(root, { recursive: true }))

const ec2 = () => ({ instances: ['i-1'], paths: [root], clean: [`${root}/logs/*.gz`, `${root}/cache`] })
const files = async (): Promise<string[]> =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .sort()

test('the look says what would be removed, and removes nothing', async () => {
  const before = await files()
  const { disks, cleanable } = readLook({ 'i-1': await sh(lookLines(ec2(), 60)) }, ec2().clean)
  expect(cleanable).toEqual([
    { machine: 'i-1', path: `${root}/logs/*.gz`, bytes: 16_384, files: 2 },
    { machine: 'i-1', path: `${root}/cache`, bytes: 12_288, files: 1 },
  ])
  expect(disks).toHaveLength(1)
  expect(disks[0]!.size).toBeGreaterThan(disks[0]!.available)
  expect(await files()).toEqual(before)
})

test('cleaning removes old files that were declared; links, new files and all else stay', async () => {
  const printed = await sh(cleanLines(ec2(), 60))
  expect(await files()).toEqual(['cache/link', 'keep/me', 'logs/link.gz', 'logs/live.log', 'logs/new.gz'])
  expect(readLook({ 'i-1': printed }, []).disks).toHaveLength(1)
  await sh(cleanLines(ec2(), 60))
})

test.each(["it's", '$(touch x)', '`touch x`', 'a b', '"', ';touch x', "'; touch x; '"])(
  '%j is one word for a shell',
  async (word) => {
    expect(await sh([`printf %s ${quoted(word)}`])).toBe(word)
  },
)

/** Programs that are missing here, as short scripts; each says how it was called. */
async function programs(
  scripts: Record<string, string>,
): Promise<{ env: NodeJS.ProcessEnv; calls(): Promise<string[]> }> {
  const bin = join(root, 'bin')
  const log = join(root, 'calls')
  await mkdir(bin)
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${script}\n`)
    await chmod(join(bin, name), 0o755)
  }
  const calls = async (): Promise<string[]> => (await readFile(log, 'utf8')).trim().split('\n')
  return { env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` }, calls }
}

test.each([
  ['ext4', 'resize2fs /dev/null', 0],
  ['xfs', 'xfs_growfs /', 0],
  ['xfs', 'xfs_growfs /', 1],
])('a volume with %s: partition, then %s, also when growpart has nothing to do (%d)', async (type, last, code) => {
  const { env, calls } = await programs({
    findmnt: `case "$*" in *FSTYPE*) echo ${type} ;; *) echo /dev/null ;; esac`,
    lsblk: 'echo nvme1n1',
    cat: 'echo 1',
    growpart: `exit ${code}`,
    resize2fs: '',
    xfs_growfs: '',
  })
  const { stdout } = await run('sh', ['-c', growLines('vol-0abc', '/').join('\n')], { env })
  const all = await calls()
  expect(all).toContain('growpart /dev/nvme1n1 1')
  expect(all.at(-1)).toBe(last)
  expect(readLook({ 'i-1': stdout }, []).disks).toMatchObject([{ mount: '/' }])
})

test.each([
  ['growpart fails', { growpart: 'exit 2' }],
  [
    'a file system that cannot grow here',
    { growpart: '', findmnt: 'case "$*" in *FSTYPE*) echo btrfs ;; *) echo /dev/null ;; esac' },
  ],
])('%s: the script fails', async (_, scripts) => {
  const findmnt = 'case "$*" in *FSTYPE*) echo ext4 ;; *) echo /dev/null ;; esac'
  const { env } = await programs({ findmnt, lsblk: 'echo nvme1n1', cat: 'echo 1', resize2fs: '', ...scripts })
  await expect(run('sh', ['-c', growLines('vol-0abc', '/').join('\n')], { env })).rejects.toThrow()
})

test.each([
  ['stays up', 'exit 0', 'done'],
  ['is down again five seconds later', 'case "$1" in is-active) echo failed; exit 3 ;; esac', 'failed'],
  ['does not start', 'case "$1" in restart) echo "Job failed" >&2; exit 1 ;; esac', 'failed'],
])('a unit that %s', async (_, script, is) => {
  const show = 'case "$1" in show) printf "LoadState=loaded\\nActiveState=active\\n"; exit 0 ;; esac'
  const { env, calls } = await programs({ systemctl: `${show}\n${script}`, sleep: '' })
  const { world, cloud, clock } = small({ instances: { 'i-1': { disks: {} } } })
  world.machines.get('i-1')!.shell = (text) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', text], { env, encoding: 'utf8' })
    return { output: stdout + stderr, failed: status !== 0, seconds: 3 }
  }
  const target = { ec2: { instances: ['i-1'], unit: 'athena.service', clean: [], paths: ['/'] } }
  const about = {
    run: 'INC-0001-1',
    service: 'athena',
    target,
    options: rollingRestart.options.parse({}),
    since: SINCE,
    signals: ['availability' as const],
    alarm: { name: 'athena/up', dimensions: {} },
  }
  const { steps } = await drive(rollingRestart, about, toolsOf(cloud, clock), clock)
  expect(steps.map((step) => step.is)).toEqual([is])
  expect(await calls()).toContain('systemctl restart -- athena.service')
})
