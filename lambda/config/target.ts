// What a service is made of: the resources that runbooks act on and that alarms can be made for.
import * as z from 'zod'

const text = z.string().min(1)
const arn = (service: string) =>
  z
    .string()
    .regex(new RegExp(`^arn:[\\w-]+:${service}:`), `is no ARN of ${service}; it begins with "arn:aws:${service}:"`)

/** Every part is optional: a service names those it has. */
export const target = z.strictObject({
  role: arn('iam').optional().describe('A role to assume where the service lives in another account'),
  region: text.optional().describe("By default Tocsin's own"),
  rabbitmq: z
    .strictObject({
      broker: text.optional().describe('Name of the Amazon MQ broker; leave it out for a broker of your own'),
      api: z.url().optional().describe('Address of the management API, like https://broker.internal:15671'),
      amqp: z.url().optional().describe('Address for AMQP, like amqps://broker.internal:5671'),
      secret: text.optional().describe('Secret of Secrets Manager (name or ARN) with username and password'),
      vhost: text.default('/'),
      queues: z.array(text).default(['*']).describe('Queues that may be relieved; * and ? are wildcards'),
    })
    .optional(),
  sqs: z.strictObject({ queue: text.describe('Name of the queue'), deadLetters: text.optional() }).optional(),
  ecs: z.strictObject({ cluster: text, service: text }).optional(),
  autoScaling: z.strictObject({ group: text }).optional(),
  ec2: z
    .strictObject({
      instances: z.array(text).default([]).describe('Ids of instances, also i-… or mi-… of machines on premises'),
      unit: text.optional().describe('The systemd unit of the service'),
      clean: z
        .array(text)
        .default([])
        .describe('Folders and files that may be cleaned, absolute paths; * is a wildcard in the last part'),
      paths: z.array(text).default(['/']).describe('Where its file systems are mounted'),
    })
    .optional(),
  rds: z.strictObject({ instance: text.optional(), cluster: text.optional() }).optional(),
  alb: z
    .strictObject({ loadBalancer: text.describe('Like app/studio/50dc6c495c0c9188'), targetGroup: text.optional() })
    .optional(),
  lambda: z.strictObject({ function: text }).optional(),
  dynamodb: z.strictObject({ table: text }).optional(),
  ebs: z.strictObject({ volumes: z.array(text).min(1) }).optional(),
  efs: z.strictObject({ fileSystem: text }).optional(),
  timeout: z
    .strictObject({
      parameter: text.optional().describe('SSM parameter that holds the value'),
      environment: text.optional().describe('Variable of the ECS task definition that holds it'),
      unit: z.enum(['seconds', 'milliseconds']).default('seconds'),
    })
    .optional()
    .describe('Where its connection timeout is set'),
})
