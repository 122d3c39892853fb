// What is kept before it is removed: objects in an S3 bucket. One counts as stored only once its checksum has been verified.
import { createHash } from 'node:crypto'
import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Refused, type Evidence } from '../ports/tools.ts'

export interface EvidenceSettings {
  bucket: string
  /** Ends with a slash, or is empty. */
  prefix: string
  client?: S3Client
}

/** The actions it needs on `<bucket>/<prefix>*`, and on the bucket itself under the condition `s3:prefix`. */
export const EVIDENCE_ACTIONS = { objects: ['s3:PutObject', 's3:GetObject'], bucket: ['s3:ListBucket'] } as const

const TIMEOUTS = { connectionTimeout: 5_000, requestTimeout: 20_000 }

export function s3Evidence({ bucket, prefix, client }: EvidenceSettings): Evidence {
  const s3 = client ?? new S3Client({ requestHandler: TIMEOUTS })
  const at = (key: string) => ({ Bucket: bucket, Key: `${prefix}${key}` })
  const read = async (key: string): Promise<string | undefined> => {
    try {
      const { Body } = await s3.send(new GetObjectCommand(at(key)))
      return await Body?.transformToString()
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') return undefined
      throw refusedOr(error, bucket)
    }
  }
  return {
    get: read,
    place: (key) => `s3://${bucket}/${prefix}${key}`,
    async put(key, body) {
      const checksum = sha256(body)
      // S3 computes it too, and stores nothing if they differ.
      const put = new PutObjectCommand({
        ...at(key),
        Body: body,
        ContentType: 'application/json',
        ChecksumSHA256: checksum,
      })
      const answer = await s3.send(put).catch((error: unknown) => {
        throw refusedOr(error, bucket)
      })
      if (answer.ChecksumSHA256 === checksum) return
      // A store that does not report its checksum: read the object back and compare.
      const stored = await read(key)
      if (stored === undefined || sha256(stored) !== checksum)
        throw new Error(`s3://${bucket}/${prefix}${key} was stored, but is not what was sent`)
    },
    async list(start) {
      const keys: string[] = []
      try {
        for await (const { Contents = [] } of paginateListObjectsV2(
          { client: s3 },
          { Bucket: bucket, Prefix: `${prefix}${start}` },
        ))
          keys.push(...Contents.map(({ Key = '' }) => Key.slice(prefix.length)))
      } catch (error) {
        throw refusedOr(error, bucket)
      }
      return keys.toSorted()
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')

function refusedOr(error: unknown, bucket: string): unknown {
  const { name, message } = error as Error
  if (name === 'AccessDenied' || name === 'AllAccessDisabled' || name === 'InvalidAccessKeyId')
    return new Refused(`S3 does not allow it in the bucket ${bucket}: ${message}`)
  if (name === 'NoSuchBucket') return new Refused(`there is no bucket ${bucket} to keep the evidence in`)
  return error
}
