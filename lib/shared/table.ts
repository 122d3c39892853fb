// The table: what is true of every incident and alarm. On demand: it costs nothing while nothing happens.
import { RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'

export function incidentTable(scope: Construct, key?: IKey): Table {
  return new Table(scope, 'Incidents', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: 'expires',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN,
    ...(key && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
  })
}
