// What is watched on databases. Each line is one alarm as CloudFormation gets it.
import { expect, test } from '@jest/globals'
import { linesFor } from './made.ts'

test.each<[string, Parameters<typeof linesFor>[0], string[]]>([
  [
    'an RDS instance',
    { rds: { instance: 'core-db' } },
    [
      'rds:core-db/disk-free-bytes: Minimum of AWS/RDS FreeStorageSpace {DBInstanceIdentifier: core-db} < 10737418240, 4 of 5 × 60 s, missing',
      'rds:core-db/disk-full-hours: free / (3600 * IF(0 - RATE(free) > 1, 0 - RATE(free), 1)) where free = Minimum of AWS/RDS FreeStorageSpace {DBInstanceIdentifier: core-db}, < 4, 3 of 3 × 300 s, missing',
      'rds:core-db/memory-free-bytes: Minimum of AWS/RDS FreeableMemory {DBInstanceIdentifier: core-db} < 268435456, 12 of 15 × 60 s, missing',
      'rds:core-db/cpu-percent: Average of AWS/RDS CPUUtilization {DBInstanceIdentifier: core-db} > 90, 5 of 5 × 60 s, missing',
      'rds:core-db/latency-read-seconds: p90 of AWS/RDS ReadLatency {DBInstanceIdentifier: core-db} > 0.02, 5 of 5 × 60 s, missing',
      'rds:core-db/latency-write-seconds: p90 of AWS/RDS WriteLatency {DBInstanceIdentifier: core-db} > 0.02, 5 of 5 × 60 s, missing',
      'rds:core-db/availability-reports-count: SampleCount of AWS/RDS CPUUtilization {DBInstanceIdentifier: core-db} < 1, 2 of 2 × 300 s, breaching',
      'rds:core-db/saturation-burst-percent: Average of AWS/RDS EBSIOBalance% {DBInstanceIdentifier: core-db} < 10, 3 of 3 × 60 s, notBreaching',
    ],
  ],
  [
    'an RDS instance whose size and limits are known',
    { rds: { instance: 'core-db', storageGiB: 100, maxConnections: 500 } },
    [
      'rds:core-db/disk-free-bytes: Minimum of AWS/RDS FreeStorageSpace {DBInstanceIdentifier: core-db} < 16106127360, 4 of 5 × 60 s, missing',
      'rds:core-db/disk-full-hours: free / (3600 * IF(0 - RATE(free) > 1, 0 - RATE(free), 1)) where free = Minimum of AWS/RDS FreeStorageSpace {DBInstanceIdentifier: core-db}, < 4, 3 of 3 × 300 s, missing',
      'rds:core-db/memory-free-bytes: Minimum of AWS/RDS FreeableMemory {DBInstanceIdentifier: core-db} < 268435456, 12 of 15 × 60 s, missing',
      'rds:core-db/cpu-percent: Average of AWS/RDS CPUUtilization {DBInstanceIdentifier: core-db} > 90, 5 of 5 × 60 s, missing',
      'rds:core-db/latency-read-seconds: p90 of AWS/RDS ReadLatency {DBInstanceIdentifier: core-db} > 0.02, 5 of 5 × 60 s, missing',
      'rds:core-db/latency-write-seconds: p90 of AWS/RDS WriteLatency {DBInstanceIdentifier: core-db} > 0.02, 5 of 5 × 60 s, missing',
      'rds:core-db/saturation-connections-count: Maximum of AWS/RDS DatabaseConnections {DBInstanceIdentifier: core-db} > 400, 4 of 5 × 60 s, missing',
      'rds:core-db/availability-reports-count: SampleCount of AWS/RDS CPUUtilization {DBInstanceIdentifier: core-db} < 1, 2 of 2 × 300 s, breaching',
      'rds:core-db/saturation-burst-percent: Average of AWS/RDS EBSIOBalance% {DBInstanceIdentifier: core-db} < 10, 3 of 3 × 60 s, notBreaching',
    ],
  ],
  [
    'an Aurora cluster',
    { rds: { cluster: 'aurora' } },
    [
      'aurora:aurora/disk-free-bytes: Minimum of AWS/RDS FreeLocalStorage {DBClusterIdentifier: aurora} < 2147483648, 4 of 5 × 60 s, missing',
      'aurora:aurora/disk-full-hours: free / (3600 * IF(0 - RATE(free) > 1, 0 - RATE(free), 1)) where free = Minimum of AWS/RDS FreeLocalStorage {DBClusterIdentifier: aurora}, < 4, 3 of 3 × 300 s, missing',
      'aurora:aurora/memory-free-bytes: Minimum of AWS/RDS FreeableMemory {DBClusterIdentifier: aurora} < 268435456, 12 of 15 × 60 s, missing',
      'aurora:aurora/cpu-percent: Average of AWS/RDS CPUUtilization {DBClusterIdentifier: aurora} > 90, 5 of 5 × 60 s, missing',
      'aurora:aurora/latency-read-seconds: p90 of AWS/RDS ReadLatency {DBClusterIdentifier: aurora} > 0.02, 5 of 5 × 60 s, missing',
      'aurora:aurora/latency-write-seconds: p90 of AWS/RDS WriteLatency {DBClusterIdentifier: aurora} > 0.02, 5 of 5 × 60 s, missing',
      'aurora:aurora/availability-reports-count: SampleCount of AWS/RDS CPUUtilization {DBClusterIdentifier: aurora} < 1, 2 of 2 × 300 s, breaching',
    ],
  ],
  [
    'a DynamoDB table',
    { dynamodb: { table: 'orders' } },
    [
      'dynamodb:orders/errors-system-count: FILL(op1, 0) + FILL(op2, 0) + FILL(op3, 0) + FILL(op4, 0) where op1 = Sum of AWS/DynamoDB SystemErrors {Operation: GetItem, TableName: orders}, op2 = Sum of AWS/DynamoDB SystemErrors {Operation: PutItem, TableName: orders}, op3 = Sum of AWS/DynamoDB SystemErrors {Operation: UpdateItem, TableName: orders}, op4 = Sum of AWS/DynamoDB SystemErrors {Operation: Query, TableName: orders}, > 0, 3 of 5 × 60 s, notBreaching',
      'dynamodb:orders/saturation-read-throttles-count: Sum of AWS/DynamoDB ReadThrottleEvents {TableName: orders} > 0, 4 of 5 × 60 s, notBreaching',
      'dynamodb:orders/saturation-write-throttles-count: Sum of AWS/DynamoDB WriteThrottleEvents {TableName: orders} > 0, 4 of 5 × 60 s, notBreaching',
      'dynamodb:orders/latency-get-item-milliseconds: Average of AWS/DynamoDB SuccessfulRequestLatency {Operation: GetItem, TableName: orders} > 20, 8 of 10 × 60 s, notBreaching',
      'dynamodb:orders/latency-put-item-milliseconds: Average of AWS/DynamoDB SuccessfulRequestLatency {Operation: PutItem, TableName: orders} > 20, 8 of 10 × 60 s, notBreaching',
      'dynamodb:orders/latency-update-item-milliseconds: Average of AWS/DynamoDB SuccessfulRequestLatency {Operation: UpdateItem, TableName: orders} > 20, 8 of 10 × 60 s, notBreaching',
      'dynamodb:orders/latency-query-milliseconds: Average of AWS/DynamoDB SuccessfulRequestLatency {Operation: Query, TableName: orders} > 20, 8 of 10 × 60 s, notBreaching',
    ],
  ],
  [
    'a DynamoDB table that is called with one operation',
    { dynamodb: { table: 'orders', operations: ['BatchWriteItem'] } },
    [
      'dynamodb:orders/errors-system-count: FILL(op1, 0) where op1 = Sum of AWS/DynamoDB SystemErrors {Operation: BatchWriteItem, TableName: orders}, > 0, 3 of 5 × 60 s, notBreaching',
      'dynamodb:orders/saturation-read-throttles-count: Sum of AWS/DynamoDB ReadThrottleEvents {TableName: orders} > 0, 4 of 5 × 60 s, notBreaching',
      'dynamodb:orders/saturation-write-throttles-count: Sum of AWS/DynamoDB WriteThrottleEvents {TableName: orders} > 0, 4 of 5 × 60 s, notBreaching',
      'dynamodb:orders/latency-batch-write-item-milliseconds: Average of AWS/DynamoDB SuccessfulRequestLatency {Operation: BatchWriteItem, TableName: orders} > 20, 8 of 10 × 60 s, notBreaching',
    ],
  ],
])('of databases: %s', (_, target, lines) => {
  expect(linesFor(target)).toEqual(lines)
})
