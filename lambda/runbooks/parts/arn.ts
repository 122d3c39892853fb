// Names of AWS resources, for permissions.
import type { Place } from '../runbook.ts'

export const arnOf = ({ partition, region, account }: Place, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`
