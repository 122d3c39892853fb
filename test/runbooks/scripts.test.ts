// The scripts of free-disk on a real shell: they remove what was declared, and nothing else.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanLines, lookLines, readLook } from '../../lambda/runbooks/free-disk/scripts.ts'
import { quoted } from '../../lambda/runbooks/parts/shell.ts'

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
