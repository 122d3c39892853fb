// Evidence in S3: what is stored is what was sent, or there is an error.
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { buildApp } from 'fauxqs'
import { s3Evidence } from '../../lambda/adapters/evidence.ts'
import { Refused, type Evidence } from '../../lambda/ports/tools.ts'

const app = buildApp({ logger: false })
let client: S3Client
let evidence: Evidence

beforeAll(async () => {
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' })
  client = new S3Client({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
  await client.send(new CreateBucketCommand({ Bucket: 'kept' }))
  evidence = s3Evidence({ bucket: 'kept', prefix: 'evidence/', client })
})
afterAll(() => app.close())

test('is there again as it was, also under odd names', async () => {
  const text = '{"a":"ü\\n"}\n'.repeat(1_000)
  await evidence.put('INC-1/a%2Fb ü/000001.jsonl', text)
  expect(await evidence.get('INC-1/a%2Fb ü/000001.jsonl')).toBe(text)
  expect(evidence.place('x')).toBe('s3://kept/evidence/x')
})

test('the same key again replaces it', async () => {
  await evidence.put('k', 'one')
  await evidence.put('k', 'two')
  expect(await evidence.get('k')).toBe('two')
})

test('what is not there is undefined', async () => {
  expect(await evidence.get('nowhere')).toBeUndefined()
})

test('keys are listed in order, more than one page of them, and only what begins so', async () => {
  const keys = Array.from({ length: 1_020 }, (_, i) => `many/${String(i).padStart(6, '0')}`)
  for (let i = 0; i < keys.length; i += 30)
    await Promise.all(keys.slice(i, i + 30).map((key) => evidence.put(key, key)))
  expect(await evidence.list('many/')).toEqual(keys)
  expect(await evidence.list('many/00000')).toHaveLength(10)
})

/** A store that answers whatever it likes. */
const answering = (answer: (name: string) => object): Evidence =>
  s3Evidence({
    bucket: 'kept',
    prefix: '',
    client: { send: async (command: object) => answer(command.constructor.name) } as unknown as S3Client,
  })

test('a store that tells no checksum is read back', async () => {
  const read = (text: string) => ({ Body: { transformToString: async () => text } })
  const same = answering((name) => (name === 'GetObjectCommand' ? read('body') : {}))
  await expect(same.put('k', 'body')).resolves.toBeUndefined()
  const other = answering((name) => (name === 'GetObjectCommand' ? read('bod') : {}))
  await expect(other.put('k', 'body')).rejects.toThrow('s3://kept/k was stored, but is not what was sent')
})

const refused = async (call: () => Promise<unknown>): Promise<string> => {
  const failed = await call().catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(Refused)
  return (failed as Error).message
}

test('without permission it is refused', async () => {
  const denied = answering(() => {
    throw Object.assign(new Error('no'), { name: 'AccessDenied' })
  })
  for (const call of [() => denied.put('k', 'b'), () => denied.get('k')])
    expect(await refused(call)).toContain('S3 does not allow it in the bucket kept')
})

test('without a bucket it is refused', async () => {
  const nowhere = s3Evidence({ bucket: 'nowhere', prefix: '', client })
  for (const call of [() => nowhere.put('k', 'b'), () => nowhere.get('k'), () => nowhere.list('k')])
    expect(await refused(call)).toContain('there is no bucket nowhere')
})
