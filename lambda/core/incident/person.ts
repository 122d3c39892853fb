// Somebody who clicked.

export interface Person {
  id: string
  name: string
}
