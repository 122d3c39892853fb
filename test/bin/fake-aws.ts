// AWS on loopback: answers each operation as told, in the protocol that the real clients use, and remembers what it was asked.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Record<string, unknown>

/** An error as AWS names it. */
export class Refusal {
  readonly status: number
  readonly name: string
  readonly message: string
  constructor(name: string, message = name, status = 400) {
    this.name = name
    this.message = message
    this.status = status
  }
}

/** An object is the answer; in XML, an array stands for the same element again. */
export type Answer = Json | Refusal | ((input: Json) => Json | Refusal | Promise<Json | Refusal>)

export interface FakeAws {
  url: string
  answers: Record<string, Answer>
  asked: { operation: string; input: Json }[]
  /** The inputs of one operation. */
  of(operation: string): Json[]
  close(): Promise<void>
}

/** Operations that are recognized by their path. */
const PATHS: [method: string, path: RegExp, operation: string][] = [
  ['GET', /^\/2016-08-19\/account-settings/, 'GetAccountSettings'],
  ['GET', /^\/2015-03-31\/functions\/[^/]+\/configuration/, 'GetFunctionConfiguration'],
  ['GET', /^\/2025-12-01\/functions\/[^/]+\/durable-executions/, 'ListDurableExecutionsByFunction'],
  ['GET', /^\/2015-03-31\/event-source-mappings/, 'ListEventSourceMappings'],
  ['GET', /^\/2015-03-31\/functions/, 'ListFunctions'],
  ['GET', /^\/v1\/brokers/, 'ListBrokers'],
  ['POST', /^\/ServiceGraph/, 'GetServiceGraph'],
]

export async function fakeAws(answers: Record<string, Answer> = {}): Promise<FakeAws> {
  const asked: FakeAws['asked'] = []
  const fake = {
    answers,
    asked,
    of: (name: string) => asked.filter(({ operation }) => operation === name).map(({ input }) => input),
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const target = request.headers['x-amz-target']
      const isQuery = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
      const input: Json = isQuery
        ? Object.fromEntries(new URLSearchParams(body))
        : body === ''
          ? {}
          : (JSON.parse(body) as Json)
      const operation =
        (typeof target === 'string' ? target.split('.').at(-1) : undefined) ??
        (isQuery ? String(input['Action']) : undefined) ??
        PATHS.find(([method, path]) => request.method === method && path.test(request.url!))?.[2] ??
        `${request.method} ${request.url}`
      asked.push({ operation, input })
      const answer =
        fake.answers[operation] ?? new Refusal('UnknownOperationException', `${operation} is not known here`, 404)
      void Promise.resolve(typeof answer === 'function' ? answer(input) : answer).then((given) => {
        const status = given instanceof Refusal ? given.status : 200
        response.writeHead(status, {
          'content-type': isQuery ? 'text/xml' : 'application/x-amz-json-1.0',
          ...(given instanceof Refusal && { 'x-amzn-errortype': given.name }),
        })
        response.end(isQuery ? asXml(operation, given) : JSON.stringify(asJson(given)))
      })
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((done) => server.close(() => done()))
    },
  })
}

const asJson = (given: Json | Refusal): Json =>
  given instanceof Refusal ? { __type: given.name, message: given.message, Message: given.message } : given

const asXml = (operation: string, given: Json | Refusal): string =>
  given instanceof Refusal
    ? `<ErrorResponse><Error><Code>${given.name}</Code><Message>${given.message}</Message></Error></ErrorResponse>`
    : `<${operation}Response><${operation}Result>${elements(given)}</${operation}Result></${operation}Response>`

const elements = (value: unknown): string =>
  typeof value !== 'object' || value === null
    ? String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    : Object.entries(value)
        .flatMap(([key, item]) =>
          (Array.isArray(item) ? (item as unknown[]) : [item]).map((one) => `<${key}>${elements(one)}</${key}>`),
        )
        .join('')
