// RDS databases: a cluster with its instances is one service, a standalone instance is another.
import { paginateDescribeDBClusters, paginateDescribeDBInstances, RDSClient } from '@aws-sdk/client-rds'
import type { Found } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new RDSClient(CLIENT))

export async function databases(): Promise<Found[]> {
  const found: Found[] = []
  for await (const { DBClusters = [] } of paginateDescribeDBClusters({ client: client() }, {}))
    for (const {
      DBClusterIdentifier: cluster = '',
      DBClusterMembers = [],
      Engine,
      Endpoint,
      ReaderEndpoint,
    } of DBClusters)
      found.push({
        id: cluster,
        kind: 'database',
        what: `${Engine ?? 'RDS'} cluster`,
        suffix: 'db',
        alarms: [
          { dimensions: { DBClusterIdentifier: cluster } },
          ...DBClusterMembers.flatMap(({ DBInstanceIdentifier: id }) =>
            id ? [{ dimensions: { DBInstanceIdentifier: id } }] : [],
          ),
        ],
        target: { rds: { cluster } },
        aliases: [cluster, ...hosts(Endpoint, ReaderEndpoint)],
        uses: [],
      })
  for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client: client() }, {}))
    for (const { DBInstanceIdentifier: instance = '', DBClusterIdentifier, Engine, Endpoint } of DBInstances)
      if (!DBClusterIdentifier)
        found.push({
          id: instance,
          kind: 'database',
          what: `${Engine ?? 'RDS'} database`,
          suffix: 'db',
          alarms: [{ dimensions: { DBInstanceIdentifier: instance } }],
          target: { rds: { instance } },
          aliases: [instance, ...hosts(Endpoint?.Address)],
          uses: [],
        })
  return found
}

const hosts = (...endpoints: (string | undefined)[]): string[] => endpoints.filter((endpoint) => endpoint !== undefined)
