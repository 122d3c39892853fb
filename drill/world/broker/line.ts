// A line of message numbers: they join at the end and leave at the head, and some come back to the head.

export interface Line {
  readonly length: number
  push(n: number): void
  shift(): number | undefined
  /** Back to the head, in order. */
  unshift(numbers: readonly number[]): void
  peek(): number | undefined
  [Symbol.iterator](): Iterator<number>
}

export function line(): Line {
  let items: number[] = []
  let head = 0
  return {
    get length() {
      return items.length - head
    },
    push: (n) => void items.push(n),
    shift() {
      if (head >= items.length) return undefined
      const first = items[head++]!
      // Messages that have left are dropped from memory now and then, not every time.
      if (head > 4096 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return first
    },
    unshift(numbers) {
      items = [...numbers, ...items.slice(head)]
      head = 0
    },
    peek: () => items[head],
    *[Symbol.iterator]() {
      for (let i = head; i < items.length; i++) yield items[i]!
    },
  }
}
