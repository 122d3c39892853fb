// What a service is made of: the resources that runbooks act on and that alarms can be made for.
import * as z from 'zod'
import { whyNotCleanable } from '../runbooks/free-disk/cleanable.ts'

const text = z.string().min(1)
/** CloudWatch: a dimension's value has at most 255 characters. */
const name = text.max(255)
const count = z.number().int().positive()
const paths = z.array(name).describe('Where its file systems are mounted')
const arn = (service: string) =>
  z
    .string()
    .regex(new RegExp(`^arn:[\\w-]+:${service}:`), `is not an ARN of ${service}; it begins with "arn:aws:${service}:"`)

/** An alias is no ARN of a key: IAM does not know it. */
const key = z
  .string()
  .regex(
    /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/,
    'is not the ARN of a key; it looks like "arn:aws:kms:eu-west-1:111122223333:key/…"',
  )
const keys = z.union([key, z.array(key).min(1)])

/** Every part is optional: a service names those it has. */
export const target = z.strictObject({
  role: arn('iam').optional().describe('A role to assume where the service lives in another account'),
  region: text.optional().describe("By default Tocsin's own"),
  rabbitmq: z
    .strictObject({
      broker: name.optional().describe('Name of the Amazon MQ broker; leave it out for a broker of your own'),
      api: z.url().optional().describe('Address of the management API, like https://broker.internal:15671'),
      amqp: z.url().optional().describe('Address for AMQP, like amqps://broker.internal:5671'),
      secret: text.optional().describe('Secret of Secrets Manager (name or ARN) with username and password'),
      key: keys.optional().describe("ARN of the key with which you have encrypted that secret, if it is not AWS's own"),
      vhost: name.default('/'),
      queues: z.array(name).default(['*']).describe('Queues that may be relieved; * and ? are wildcards'),
      maxConnections: count.optional().describe('Connections that the broker allows; by default 5000, as mq.m5.large'),
    })
    .optional(),
  sqs: z
    .strictObject({
      queue: name.describe('Name of the queue'),
      deadLetters: name.optional().describe('Name of the queue of its dead letters'),
      key: keys
        .optional()
        .describe('ARNs of the keys with which you have encrypted these queues, and those that messages move to'),
    })
    .optional(),
  ecs: z
    .strictObject({
      cluster: name,
      service: name,
      containerInsights: z.boolean().optional().describe('Container Insights is on: there is a metric of its disk'),
      roles: z
        .array(arn('iam'))
        .optional()
        .describe('Roles of its tasks; runbooks that change its task definition need to pass them on'),
    })
    .optional(),
  autoScaling: z.strictObject({ group: name, paths: paths.optional() }).optional(),
  ec2: z
    .strictObject({
      instances: z
        .array(z.string().regex(/^m?i-[0-9a-zA-Z-]+$/, 'is not the id of an instance; it begins with "i-" or "mi-"'))
        // AWS: a command takes at most this many ids.
        .max(50)
        .default([])
        .describe('Ids of instances, also i-… or mi-… of machines on premises'),
      unit: z
        .string()
        // systemd: the characters of a unit's name.
        .regex(
          /^[A-Za-z0-9:_.@][A-Za-z0-9:_.@-]*$/,
          'is not the name of a systemd unit; write one like "athena.service"',
        )
        .optional()
        .describe('The systemd unit of the service'),
      clean: z
        .array(
          z.string().refine((path) => whyNotCleanable(path) === undefined, {
            error: ({ input }) => whyNotCleanable(input as string),
          }),
        )
        .default([])
        .describe('Folders and files that may be cleaned, absolute paths; * is a wildcard in the last part'),
      paths: paths.default(['/']),
    })
    .optional(),
  onPremises: z
    .strictObject({
      hosts: z.array(name).min(1).describe("Names as the CloudWatch agent reports them in the dimension 'host'"),
      paths: paths.optional(),
    })
    .optional()
    .describe('Machines of your own with the CloudWatch agent'),
  rds: z
    .strictObject({
      instance: name.optional().describe('Identifier of an instance'),
      cluster: name.optional().describe('Identifier of an Aurora cluster'),
      storageGiB: z
        .number()
        .positive()
        .optional()
        .describe('Allocated storage of the instance: CloudWatch does not know'),
      maxConnections: count.optional().describe('Connections that it allows: CloudWatch does not know'),
    })
    .optional(),
  alb: z
    .strictObject({
      loadBalancer: name.describe('Like app/studio/50dc6c495c0c9188'),
      targetGroup: name.optional().describe('Like targetgroup/studio-api/73e2d6bc24d8a067: only what is behind it'),
    })
    .optional(),
  lambda: z
    .strictObject({
      function: name,
      timeoutSeconds: z.number().positive().max(900).optional().describe('Its timeout: CloudWatch does not know'),
      insights: z.boolean().optional().describe('Lambda Insights is on: there is a metric of its memory'),
    })
    .optional(),
  dynamodb: z
    .strictObject({
      table: name,
      operations: z
        .array(z.string().regex(/^[A-Za-z]{3,40}$/, 'is not an operation of DynamoDB; write one like "GetItem"'))
        .min(1)
        .max(10)
        .optional()
        .describe('Which it is called with; by default GetItem, PutItem, UpdateItem and Query'),
    })
    .optional(),
  ebs: z
    .strictObject({
      volumes: z.array(z.string().regex(/^vol-[0-9a-f]+$/, 'is not the id of a volume; it begins with "vol-"')).min(1),
      instance: name.optional().describe('To which they are attached: the check for stalled I/O wants it'),
    })
    .optional(),
  efs: z.strictObject({ fileSystem: name }).optional(),
  timeout: z
    .strictObject({
      parameter: text.optional().describe('SSM parameter that holds the value'),
      environment: text.optional().describe('Variable of the ECS task definition that holds it'),
      unit: z.enum(['seconds', 'milliseconds']).default('seconds'),
    })
    .optional()
    .describe('Where its connection timeout is set'),
})

/** The target with its defaults filled in. An optional key is missing, never undefined. */
export type Target = Present<z.output<typeof target>>
type Present<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [Key in keyof T]: Present<Exclude<T[Key], undefined>> }
    : T
