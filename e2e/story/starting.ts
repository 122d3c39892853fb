// The broker, and what a team has in AWS for it before installing Tocsin: its login, its metrics and their alarms.
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { rabbitmqBroker } from '../../lambda/adapters/rabbitmq/broker.ts'
import { consumer } from '../rabbitmq/consumer.ts'
import { MEMORY_LIMIT, startRabbitMq } from '../rabbitmq/start.ts'
import { connectTo, HEAVY, makeVirtualHost, VHOST } from '../rabbitmq/world.ts'
import { createAlarm } from '../support/alarms.ts'
import { check, eventually, type Step } from '../support/steps.ts'
import { alarmsOf, brokerAlarms, measure } from './measuring.ts'
import { LOGIN, writeConfig, type World } from './world.ts'

const WORK_BEFORE = 200

export const starting: Step<World>[] = [
  {
    does: 'RabbitMQ starts, with little memory; its login lies in Secrets Manager',
    async run(world) {
      const rabbit = await startRabbitMq()
      world.closes.push(rabbit.stop)
      await makeVirtualHost(rabbit)
      const { api, amqp, username, password } = rabbit
      const credentials = async () => ({ username, password })
      Object.assign(world, {
        rabbit,
        connect: () => connectTo(rabbit),
        broker: rabbitmqBroker({ api, amqp, vhost: VHOST, credentials, name: 'the story' }),
      } satisfies Partial<World>)
      writeConfig(world.configFile, rabbit)
      const SecretString = JSON.stringify({ username, password })
      await world.aws.secrets.send(new CreateSecretCommand({ Name: LOGIN, SecretString }))
      return `memory limit ${MEMORY_LIMIT}`
    },
  },
]

export const working: Step<World>[] = [
  {
    does: 'a consumer works; the metrics of the broker go to CloudWatch as Amazon MQ sends them, and the alarms on them are OK',
    async run(world) {
      const connection = await world.connect()
      const channel = await connection.createConfirmChannel()
      await channel.assertQueue(HEAVY, { durable: true })
      const back = await consumer(world, HEAVY)
      for (let i = 0; i < WORK_BEFORE; i++)
        channel.sendToQueue(HEAVY, Buffer.from('job'), { persistent: true, messageId: `before-${i}` })
      await channel.waitForConfirms()
      await connection.close()
      const first = await eventually('the broker has measured itself', async () => (await world.broker.nodes())[0])
      const alarms = alarmsOf(first)
      for (const alarm of alarms) await createAlarm(world.aws, alarm)
      world.closes.push(measure(world))
      await eventually('both alarms are OK', async () => {
        const known = await brokerAlarms(world)
        return (known.length === alarms.length && known.every(({ StateValue }) => StateValue === 'OK')) || undefined
      })
      await back.stop()
      check(back.ids.length === WORK_BEFORE, `the consumer had ${back.ids.length} of ${WORK_BEFORE}`)
      return `${alarms.map(({ name }) => `${name}: OK`).join('\n')}\nThe consumer ends. Nobody notices.`
    },
  },
]
