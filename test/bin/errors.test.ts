// What AWS's errors mean to a person: a sentence with what to do, and none for errors that are not AWS's.
import { afterEach, expect, test } from '@jest/globals'
import { explainAws } from '../../bin/aws/errors.ts'

const error = (name: string, message = 'why', more: object = { $metadata: {} }): Error =>
  Object.assign(new Error(message), { name }, more)

afterEach(() => {
  delete process.env['AWS_PROFILE']
})

test.each<[Error, string]>([
  [
    error('CredentialsProviderError', 'Could not load credentials from any providers', {}),
    'no AWS credentials were found: log in (aws sso login)',
  ],
  [
    error('CredentialsProviderError', 'Token is expired. To refresh this SSO session run aws sso login', {}),
    'the AWS session has expired: log in again',
  ],
  [error('ExpiredTokenException'), 'the AWS session has expired: log in again'],
  [error('UnrecognizedClientException'), 'AWS does not accept these credentials'],
  [
    error('AccessDeniedException', 'ana may not x:Y'),
    'AWS does not allow it: ana may not x:Y. Ask for this permission',
  ],
  [new Error('Region is missing'), 'no AWS region is set: give --region, or set AWS_REGION'],
  [error('ThrottlingException'), 'AWS asks to slow down: try again in a minute'],
  [
    error('Error', 'connect ECONNREFUSED', { code: 'ECONNREFUSED' }),
    'AWS cannot be reached (ECONNREFUSED): check the network, --region',
  ],
  [error('TimeoutError', 'no answer'), 'AWS cannot be reached (no answer)'],
  [
    error('QueueDoesNotExist', 'The queue does not exist'),
    'AWS refused it: QueueDoesNotExist: The queue does not exist',
  ],
])('%s', (thrown, words) => {
  expect(explainAws(thrown)).toContain(words)
})

test('a profile that gives no credentials is named', () => {
  process.env['AWS_PROFILE'] = 'studio'
  expect(explainAws(error('CredentialsProviderError', 'Could not load credentials', {}))).toContain(
    'the AWS profile studio gives no credentials',
  )
})

test.each([new Error('ours'), new TypeError('x is undefined'), 'text', undefined])(
  '%s is no error of AWS',
  (thrown) => {
    expect(explainAws(thrown)).toBeUndefined()
  },
)
