// Alarms of on-premises machines, of which CloudWatch knows only what its agent reports.
import type { Target } from '../../lambda/core/services/config.ts'
import { diskRows, memoryRow, silentRow } from './agent.ts'
import type { ResourceRows } from './row.ts'

export const onPremisesRows = ({ hosts, paths = ['/'] }: NonNullable<Target['onPremises']>): ResourceRows[] =>
  hosts.flatMap((host) => {
    const dimensions = { host }
    const resource = ['host', host]
    const rows = [memoryRow(dimensions), silentRow(dimensions)]
    return [{ resource, rows }, ...paths.map((path) => diskRows(resource, dimensions, path))]
  })
