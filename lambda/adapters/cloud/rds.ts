// RDS: storage of database instances.
import { RDSClient, DescribeDBInstancesCommand, ModifyDBInstanceCommand } from '@aws-sdk/client-rds'
import { api } from '../../ports/api.ts'

export const rds = api((settings) => new RDSClient(settings), {
  DescribeDBInstances: DescribeDBInstancesCommand,
  ModifyDBInstance: ModifyDBInstanceCommand,
})
