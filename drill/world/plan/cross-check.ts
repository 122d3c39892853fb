// What no single key of a world can show: names that must exist, and things that do not go together.
import { list, within } from '../../../lambda/core/json.ts'
import { hint, keyOf, type Mistake, type Path } from '../../../lambda/config/words.ts'
import { DRILL_SECONDS } from './schema.ts'

/** Names that must exist. Reads the raw input, so that these mistakes are reported together with all others. */
export function crossCheck(input: unknown): Mistake[] {
  const all = within(input)
  const parts = {
    broker: Object.keys(within(all['brokers'])),
    service: Object.keys(within(all['services'])),
    instance: Object.keys(within(all['instances'])),
    database: Object.keys(within(all['databases'])),
    sqs: Object.keys(within(all['sqs'])),
  }
  const mistakes: Mistake[] = []
  const expect = (path: Path, name: unknown, known: string[], what: string): void => {
    if (typeof name === 'string' && !known.includes(name))
      mistakes.push({ key: keyOf(path), problem: `there is no ${what} ${JSON.stringify(name)}${hint(name, known)}` })
  }
  const callees = [...parts.service, ...parts.broker]
  const names = (path: Path, value: unknown): void => {
    const one = within(value)
    for (const what of ['broker', 'service', 'instance', 'database', 'sqs'] as const)
      expect([...path, what], one[what], parts[what], what === 'sqs' ? 'SQS queue' : what)
    const queues = Object.keys(within(within(within(all['brokers'])[String(one['broker'])])['queues']))
    if (parts.broker.includes(String(one['broker']))) expect([...path, 'queue'], one['queue'], queues, 'queue')
    const calls = list(within(within(all['services'])[String(one['service'])])['calls']).map((c) =>
      String(within(c)['to']),
    )
    if (parts.service.includes(String(one['service'])))
      expect([...path, 'to'], one['to'], calls, `call of ${String(one['service'])} to`)
  }

  for (const id of parts.service.filter((one) => parts.broker.includes(one)))
    mistakes.push({ key: keyOf(['services', id]), problem: 'is the name of a broker too; choose another one' })
  for (const [id, value] of Object.entries(within(all['services']))) {
    const service = within(value)
    list(service['calls']).forEach((call, place) =>
      expect(['services', id, 'calls', place, 'to'], within(call)['to'], callees, 'service or broker'),
    )
    list(within(service['systemd'])['instances']).forEach((name, place) =>
      expect(['services', id, 'systemd', 'instances', place], name, parts.instance, 'instance'),
    )
    const kinds = ['ecs', 'autoScaling', 'systemd'].filter((kind) => service[kind] !== undefined)
    if (kinds.length > 1)
      mistakes.push({ key: keyOf(['services', id]), problem: `has ${kinds.join(' and ')}; a service runs in one way` })
  }
  for (const [name, alarm] of Object.entries(within(all['alarms'])))
    names(['alarms', name, 'measures'], within(alarm)['measures'])
  for (const key of ['metrics', 'healthy', 'curves'])
    list(all[key]).forEach((entry, place) => names([key, place, 'measures'], within(entry)['measures']))
  list(all['healthy']).forEach((entry, place) => {
    if ((within(entry)['above'] === undefined) === (within(entry)['below'] === undefined))
      mistakes.push({ key: keyOf(['healthy', place]), problem: 'needs one of "above" and "below"' })
  })
  const end = typeof all['seconds'] === 'number' ? all['seconds'] : DRILL_SECONDS
  list(all['events']).forEach((event, place) => {
    names(['events', place], event)
    const { at, does, broker, queue, sqs, instance, folder } = within(event)
    const isOne = sqs === undefined ? broker !== undefined && queue !== undefined : (broker ?? queue) === undefined
    if (['consumers', 'consume', 'publish', 'message-size'].includes(String(does)) && !isOne)
      mistakes.push({ key: keyOf(['events', place]), problem: 'needs a queue: write broker and queue, or sqs' })
    if (typeof at === 'number' && at >= end)
      mistakes.push({
        key: keyOf(['events', place, 'at']),
        problem: `is ${at}, when the drill has ended (seconds: ${end})`,
      })
    const disks = Object.keys(within(within(within(all['instances'])[String(instance)])['disks']))
    if (typeof folder === 'string' && !folder.startsWith('/'))
      mistakes.push({ key: keyOf(['events', place, 'folder']), problem: 'must be an absolute path' })
    else if (typeof folder === 'string' && disks.length > 0 && !disks.some((disk) => folder.startsWith(disk)))
      mistakes.push({ key: keyOf(['events', place, 'folder']), problem: `is on no disk of ${String(instance)}` })
  })
  for (const [id, value] of Object.entries(within(all['instances'])))
    for (const [path, disk] of Object.entries(within(within(value)['disks'])))
      for (const folder of Object.keys(within(within(disk)['folders'])))
        if (!folder.startsWith(path))
          mistakes.push({
            key: keyOf(['instances', id, 'disks', path, 'folders', folder]),
            problem: `is not below ${path}`,
          })
  if (all['alarms'] !== undefined && Object.keys(within(all['alarms'])).length === 0)
    mistakes.push({ key: 'alarms', problem: 'is empty: without an alarm nobody is told' })
  return mistakes
}
