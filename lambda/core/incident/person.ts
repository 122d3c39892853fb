// A person who acted on an incident.

export interface Person {
  id: string
  name: string
}
