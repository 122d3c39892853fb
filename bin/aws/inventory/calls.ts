// What calls what, as X-Ray has seen it.
import { paginateGetServiceGraph, XRayClient, type Service } from '@aws-sdk/client-xray'
import type { Call } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new XRayClient(CLIENT))

/** X-Ray takes at most six hours at once. */
const HOURS_BACK = 6

export async function calls(): Promise<Call[]> {
  const EndTime = new Date()
  const StartTime = new Date(Number(EndTime) - HOURS_BACK * 3_600_000)
  const nodes: Service[] = []
  for await (const { Services = [] } of paginateGetServiceGraph({ client: client() }, { StartTime, EndTime }))
    nodes.push(...Services)
  const byReference = new Map(nodes.map((node) => [node.ReferenceId, node]))
  return nodes.flatMap((node) =>
    (node.Edges ?? []).flatMap(({ ReferenceId }) => {
      const to = byReference.get(ReferenceId)
      return to ? [{ from: namesOf(node), to: namesOf(to) }] : []
    }),
  )
}

const namesOf = ({ Name, Names = [] }: Service): string[] => [
  ...new Set([...(Name === undefined ? [] : [Name]), ...Names]),
]
