// How an AWS API is called by the names of its documentation: one table of commands per service, so that only these are bundled.

/** By the prefix of the service's actions in IAM: `dynamodb`. */
export type Apis = Readonly<Record<string, Api>>

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  expiration?: Date
}

export interface Settings {
  region: string
  /** If unset, those of the process. */
  credentials?: () => Promise<Credentials>
}

export interface Api {
  /** The calls it knows. */
  actions: readonly string[]
  open(settings: Settings): (action: string, input: Record<string, unknown>) => Promise<unknown>
}

interface Client {
  send(command: never): Promise<unknown>
}

type Commands = Record<string, new (input: never) => unknown>

/** `api((settings) => new DynamoDBClient(settings), { UpdateTable: UpdateTableCommand })`. */
export const api = (connect: (settings: Settings) => Client, commands: Commands): Api => ({
  actions: Object.keys(commands),
  open(settings) {
    const client = connect(settings)
    return (action, input) => client.send(new commands[action]!(input as never) as never)
  },
})
