// `tocsin republish` as a person types it: what it says when it cannot work.
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { buildApp } from 'fauxqs'
import { chunkKey, chunkOf, folderOf, sumKey } from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { messageCalled } from '../../runbooks/fakes/broker.ts'
import { folder, type Folder } from '../cli.ts'

const app = buildApp({ logger: false })
let here: Folder

beforeAll(async () => {
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' })
  const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }))
  const at = folderOf('INC-1-1', 'jobs')
  const { text, sum } = chunkOf(at, 1, 0, [messageCalled('a')])
  const stored = { [chunkKey(at, 1)]: text, [sumKey(at, 1)]: JSON.stringify(sum) }
  for (const [key, Body] of Object.entries(stored))
    await s3.send(new PutObjectCommand({ Bucket: 'kept', Key: `evidence/${key}`, Body }))
  here = await folder({
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    TOCSIN_BROKER_PASSWORD: 'p',
  })
})
afterAll(async () => {
  await here.remove()
  await app.close()
})

const BROKER = ['--api', 'http://127.0.0.1:65531', '--amqp', 'amqp://127.0.0.1:65531', '--user', 'u']
const RUN = ['--run', 'INC-1-1', '--bucket', 'kept']

test.each<[string, string[], string]>([
  ['no run', [], 'which run? Give --run, like --run INC-0001-1'],
  ['a rate that is none', [...RUN, '--rate', 'fast'], '--rate takes a number of 1 or more, not "fast"'],
  ['a word for --uncertain', [...RUN, '--uncertain', 'yes'], 'write --uncertain send or --uncertain leave'],
  [
    'a run that kept nothing',
    ['--run', 'INC-9', '--bucket', 'kept', ...BROKER],
    'nothing is kept of the run INC-9 in s3://kept/evidence/',
  ],
  ['another queue', [...RUN, '--queue', 'mails', ...BROKER], 'kept nothing of the queue mails, only of jobs'],
  ['no bucket', ['--run', 'x', '--bucket', 'nope', ...BROKER], 'there is no bucket nope'],
  ['no config', RUN, 'there is no file tocsin.config.ts in this folder'],
  ['a broker that does not answer', [...RUN, ...BROKER], 'the broker does not answer (ECONNREFUSED)'],
])('says so: %s', async (_, args, words) => {
  const { code, stdout, stderr } = await here.run('republish', ...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^tocsin: [^\n]+\n$/)
  expect(stderr).toContain(words)
})
