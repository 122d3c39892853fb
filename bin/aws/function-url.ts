// A request to a function's public address, as Slack makes it.
import { request as http } from 'node:http'
import { request as https } from 'node:https'

const TIMEOUT_MS = 10_000

/** If AWS_ENDPOINT_URL is set, the connection goes there and the address goes into the Host header, as with every other call. */
export function post(address: string, body: string, headers: Record<string, string>): Promise<number> {
  const wanted = new URL(address)
  const instead = process.env['AWS_ENDPOINT_URL']
  const way = instead ? new URL(wanted.pathname, instead) : wanted
  return new Promise((answered, fail) => {
    const call = (way.protocol === 'http:' ? http : https)(
      way,
      {
        method: 'POST',
        timeout: TIMEOUT_MS,
        headers: { ...headers, host: wanted.host, 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume()
        response.on('end', () => answered(response.statusCode ?? 0))
        response.on('error', fail)
      },
    )
    call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
    call.on('error', fail)
    call.end(body)
  })
}
