// The scripts of runbooks on a real shell: they remove what was declared and nothing else, and say when something failed.
import { execFile, spawnSync } from 'node:child_process'
import { chmod, link, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanLines, growLines, lookLines, readLook } from '../../lambda/runbooks/free-disk/scripts.ts'
import { quoted } from '../../lambda/runbooks/parts/shell.ts'
import { rollingRestart } from '../../lambda/runbooks/rolling-restart/recipe.ts'
import { whyNot } from '../../lambda/runbooks/parts/precondition.ts'
import { PRECONDITIONS as VOLUMES } from '../../lambda/runbooks/free-disk/volumes.ts'
import { drive } from './drive.ts'
import { SINCE, toolsOf } from './fakes/cloud.ts'
import { small } from './fakes/world.ts'

const run = promisify(execFile)
const sh = async (lines: string[]): Promise<string> => (await run('sh', ['-c', lines.join('\n')])).stdout

/** All that the tests make is there before then, in seconds. */
const LATER = Math.floor(Date.now() / 1000) + 600

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
  await writeFile(join(root, 'logs/new.gz'), 'written later')
  await utimes(join(root, 'logs/new.gz'), LATER + 60, LATER + 60)
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
  const { disks, cleanable } = readLook({ 'i-1': await sh(lookLines(ec2(), LATER)) }, ec2().clean)
  expect(disks).toHaveLength(1)
  const [{ mount, size, available, inodes }] = disks as [(typeof disks)[0]]
  expect(cleanable).toEqual([
    { machine: 'i-1', path: `${root}/logs/*.gz`, mount, bytes: 16_384, files: 2 },
    { machine: 'i-1', path: `${root}/cache`, mount, bytes: 12_288, files: 1 },
  ])
  expect(size).toBeGreaterThan(available)
  expect(inodes?.total ?? Infinity).toBeGreaterThan(inodes?.free ?? 0)
  expect(await files()).toEqual(before)
})

test('a folder that is not there has nothing to clean, and the look goes on', async () => {
  const elsewhere = { ...ec2(), clean: [`${root}/gone`, ...ec2().clean] }
  const { cleanable } = readLook({ 'i-1': await sh(lookLines(elsewhere, LATER)) }, elsewhere.clean)
  expect(cleanable.map(({ files }) => files)).toEqual([0, 2, 1])
})

test('without GNU find, nothing is said about files, and nothing is removed', async () => {
  const before = await files()
  const { env } = await programs({ find: 'echo "find: unrecognized: -newermt" >&2; exit 1' })
  for (const lines of [lookLines(ec2(), LATER), cleanLines(ec2(), LATER)])
    await expect(run('sh', ['-c', lines.join('\n')], { env })).rejects.toMatchObject({
      stderr: expect.stringContaining('find is not GNU find') as string,
    })
  expect((await files()).filter((name) => !/^(bin|calls)/.test(name))).toEqual(before)
})

test('what a process has open stays, and what has a second name', async () => {
  await link(join(root, 'logs/a.gz'), join(root, 'keep/a.gz'))
  const held = await open(join(root, 'cache/deep/b'))
  const { cleanable } = readLook({ 'i-1': await sh(lookLines(ec2(), LATER)) }, ec2().clean)
  expect(cleanable.map(({ files }) => files)).toEqual([1, 0])
  await sh(cleanLines(ec2(), LATER))
  await held.close()
  expect(await files()).toEqual(expect.arrayContaining(['cache/deep/b', 'keep/a.gz', 'logs/a.gz']))
  expect(await files()).not.toContain('logs/old.gz/inside')
})

test('files that became old enough since they were counted stay, and those that came since with an old date', async () => {
  await sh(cleanLines(ec2(), -3600))
  expect(await files()).toContain('logs/a.gz')
  // As from a backup: written long ago, and here since just now.
  await sh(cleanLines(ec2(), Math.floor(Date.now() / 1000) - 5))
  expect(await files()).toContain('logs/a.gz')
})

test('what is hidden stays, wherever it is', async () => {
  for (const folder of ['cache/.ssh', 'cache/deep/.git']) await mkdir(join(root, folder))
  const hidden = ['cache/.ssh/authorized_keys', 'cache/deep/.git/config', 'cache/.env']
  for (const file of hidden) await old(file, 100)
  const { cleanable } = readLook({ 'i-1': await sh(lookLines(ec2(), LATER)) }, ec2().clean)
  expect(cleanable.map(({ files }) => files)).toEqual([2, 1])
  await sh(cleanLines(ec2(), LATER))
  expect(await files()).toEqual(expect.arrayContaining(hidden))
  expect(await files()).not.toContain('cache/deep/b')
})

test('names are names, and a pattern stands for one of them', async () => {
  for (const name of ['x+y(1).gz', 'a b.gz', "it's.gz", 'line\nbreak.gz', 'agz', 'logs.gz.keep'])
    await old(`logs/${name}`, 10)
  await sh(cleanLines(ec2(), LATER))
  expect((await files()).filter((name) => name.startsWith('logs/'))).toEqual([
    'logs/agz',
    'logs/link.gz',
    'logs/live.log',
    'logs/logs.gz.keep',
    'logs/new.gz',
  ])
})

test('many that cannot be removed do not keep the others from being removed', async () => {
  const { env } = await programs({
    find: `case "$*" in *-delete*) ${FIND} "$@"; for n in 1 2 3 4 5 6 7 8 9; do echo "find: cannot delete $n"; done; exit 1 ;; esac; exec ${FIND} "$@"`,
  })
  const { stdout } = await run('sh', ['-c', cleanLines(ec2(), LATER).join('\n')], { env })
  expect(stdout.match(/^problem/gm)).toHaveLength(6)
  expect(await files()).not.toContain('logs/a.gz')
})

test('a path that is not there is said', async () => {
  const nowhere = { ...ec2(), clean: [], paths: [root, join(root, 'nowhere')] }
  const { disks, unread } = readLook({ 'i-1': await sh(lookLines(nowhere, LATER)) }, [])
  expect([disks.length, unread]).toEqual([1, [{ machine: 'i-1', place: 1 }]])
})

test('what cannot be removed is said', async () => {
  const { env } = await programs({
    find: `case "$*" in *-delete*) echo "find: cannot delete: Read-only file system"; exit 1 ;; esac; exec ${FIND} "$@"`,
  })
  const { stdout } = await run('sh', ['-c', cleanLines(ec2(), LATER).join('\n')], { env })
  const { problems, cleanable } = readLook({ 'i-1': stdout }, ec2().clean)
  expect(problems).toEqual({ 'i-1': 'find: cannot delete: Read-only file system' })
  expect(cleanable.map(({ files }) => files)).toEqual([2, 1])
})

const FIND = spawnSync('sh', ['-c', 'command -v find'], { encoding: 'utf8' }).stdout.trim()

describe('what a file system is on', () => {
  const device = async (answers: Record<string, string>, has: Record<string, string> = {}) => {
    const { env } = await programs({
      findmnt: `case "$*" in *FSTYPE*) echo ${answers['type'] ?? 'xfs'} ;; *SOURCE*) echo ${answers['source'] ?? '/dev/null'} ;; *) echo / ;; esac`,
      lsblk: answers['lsblk'] ?? 'exit 32',
      readlink: 'echo "$2"',
      ...has,
    })
    const lines = lookLines({ instances: ['i-1'], paths: ['/'], clean: [] }, LATER)
    const { stdout } = await run('sh', ['-c', lines.join('\n')], { env: { ...env, PATH: `${root}/bin:/usr/bin:/bin` } })
    const [disk] = readLook({ 'i-1': stdout }, []).disks
    return { disk: disk!, device: disk!.device }
  }
  const tools = { growpart: '', resize2fs: '', xfs_growfs: '' }

  test('one disk, as EBS names it', async () => {
    const { disk, device: it } = await device({ lsblk: 'printf "disk vol0abc\\n"' }, tools)
    expect(it).toEqual({ fileSystem: 'xfs', chain: [{ type: 'disk', serial: 'vol0abc' }], isLast: true })
    const described = [{ VolumeId: 'vol-0abc', Size: 8, Attachments: [{ InstanceId: 'i-1' }] }]
    expect(whyNot(VOLUMES, { disk, ids: ['vol-0abc'], described, changes: [] })).toBeUndefined()
  })

  test('LVM on a partition: each layer', async () => {
    const { device: it } = await device({ lsblk: 'printf "lvm \\npart \\ndisk vol0abc\\n"' }, tools)
    expect(it!.chain.map(({ type, serial }) => `${type}:${serial}`)).toEqual(['lvm:', 'part:', 'disk:vol0abc'])
  })

  test('no disk of the machine, like NFS', async () => {
    const { device: it } = await device({ type: 'nfs4', source: 'fs-1:/' }, tools)
    expect(it).toMatchObject({ fileSystem: 'nfs4', chain: [] })
  })

  test.each([
    ['ext4', 'resize2fs'],
    ['xfs', 'xfs_growfs'],
  ])('%s without %s', async (type, missing) => {
    const rest = Object.fromEntries(Object.entries(tools).filter(([name]) => name !== missing))
    const { device: it } = await device({ type, lsblk: 'echo "disk vol0abc"' }, rest)
    // A machine on which this runs may have it.
    if (spawnSync('sh', ['-c', `PATH=/usr/bin:/bin command -v ${missing}`]).status !== 0)
      expect(it!.lacks).toBe(missing)
    expect(it!.fileSystem).toBe(type)
  })
})

test('cleaning removes old files that were declared; links, new files and all else stay', async () => {
  const printed = await sh(cleanLines(ec2(), LATER))
  expect(await files()).toEqual(['cache/link', 'keep/me', 'logs/link.gz', 'logs/live.log', 'logs/new.gz'])
  expect(readLook({ 'i-1': printed }, []).disks).toHaveLength(1)
  await sh(cleanLines(ec2(), LATER))
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

const UP = 'case "$*" in *MainPID*) echo MainPID=7 ;; *is-active*) echo active ;; esac'

test.each([
  ['stays up', UP, 'restart athena.service on 1 machine', 'done'],
  [
    'has failed too often to be started',
    `case "$1" in reset-failed) touch RESET ;; restart) [ -e RESET ] || { echo "start-limit-hit" >&2; exit 1; } ;; esac; ${UP}`,
    'restarted on 1 machine',
    'done',
  ],
  [
    'is down again five seconds later',
    'case "$1" in is-active) echo failed; exit 3 ;; esac',
    'restart athena.service 1 of 1 on i-1: Failed (failed)',
    'failed',
  ],
  [
    'is started again and again by systemd',
    `case "$*" in *MainPID*) echo "MainPID=$$" ;; *is-active*) echo active ;; esac`,
    'Failed (it came up and ended again within 5 s)',
    'failed',
  ],
  [
    'does not start',
    'case "$1" in restart) echo "Job failed because of an error code." >&2; echo "See systemctl status" >&2; exit 1 ;; esac',
    'Failed (Job failed because of an error code. See systemctl status)',
    'failed',
  ],
])('a unit that %s', async (_, script, text, is) => {
  const show =
    'case "$*" in *LoadState*) printf "LoadState=loaded\\nActiveState=active\\nCanStart=yes\\nCanStop=yes\\n"; exit 0 ;; esac'
  const { env, calls } = await programs({
    systemctl: `${show}\n${script.replaceAll('RESET', `${root}/reset`)}`,
    sleep: '',
    mkdir: '',
  })
  const { world, cloud, clock } = small({ instances: { 'i-1': { disks: {} } } })
  world.machines.get('i-1')!.shell = (lines) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', lines.replaceAll('/run/', `${root}/`)], {
      env,
      encoding: 'utf8',
    })
    return { output: stdout, errors: stderr, failed: status !== 0, seconds: 3 }
  }
  const { steps } = await drive(rollingRestart, ABOUT, toolsOf(cloud, clock), clock)
  expect(steps.map((step) => step.is)).toEqual([is])
  expect(steps[0]!.text).toContain(text.replace('restart athena.service on 1', 'restarted on 1'))
  expect(await calls()).toContain('systemctl restart -- athena.service')
})

test('where nothing can be noted, a unit is not taken for restarted', async () => {
  const { env, calls } = await programs({ systemctl: UP, sleep: '', mkdir: 'exit 1' })
  const { world, cloud, clock } = small({ instances: { 'i-1': { disks: {} } } })
  world.machines.get('i-1')!.shell = (lines) => {
    if (!lines.includes('mkdir')) return { output: STATE, failed: false, seconds: 3 }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', lines.replaceAll('/run/', `${root}/`)], {
      env,
      encoding: 'utf8',
    })
    return { output: stdout, errors: stderr, failed: status !== 0, seconds: 3 }
  }
  const { steps } = await drive(rollingRestart, ABOUT, toolsOf(cloud, clock), clock)
  expect(steps.map(({ is, text }) => `${is}: ${text}`)).toEqual([
    'failed: restart athena.service 1 of 1 on i-1: Failed (cannot write to /run)',
  ])
  expect((await calls()).some((call) => call.includes('systemctl restart'))).toBe(false)
})

const STATE = 'LoadState=loaded\nActiveState=active\ntocsin end'

test('a unit is restarted once, even if its command is sent again', async () => {
  const { env, calls } = await programs({ systemctl: UP, sleep: '' })
  const { world, cloud, clock } = small({ instances: { 'i-1': { disks: {} } } })
  let script = ''
  world.machines.get('i-1')!.shell = (lines) => {
    script = lines.replaceAll('/run/', `${root}/`)
    return { output: STATE, failed: false, seconds: 3 }
  }
  await drive(rollingRestart, ABOUT, toolsOf(cloud, clock), clock)
  for (let n = 0; n < 2; n++) await run('sh', ['-c', script], { env })
  expect((await calls()).filter((call) => call === 'systemctl restart -- athena.service')).toHaveLength(1)
})

const ABOUT = {
  run: 'INC-0001-1',
  service: 'athena',
  target: { ec2: { instances: ['i-1'], unit: 'athena.service', clean: [], paths: ['/'] } },
  options: rollingRestart.options.parse({}),
  since: SINCE,
  signals: ['availability' as const],
  alarm: { name: 'athena/up', dimensions: {} },
}
