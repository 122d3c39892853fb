// A metric over time as one line of block characters, with marks below it.

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

export interface Window {
  /** Seconds of the drill. */
  from: number
  to: number
  /** Characters. */
  width: number
}

const cellOf = ({ from, to, width }: Window, second: number): number =>
  Math.max(0, Math.min(width - 1, Math.floor(((second - from) / Math.max(1, to - from)) * width)))

/** `values` by second from the first on. Each block is the mean of its seconds; the scale starts at zero. */
export function spark(values: readonly number[], window: Window): string {
  const cells = Array.from({ length: window.width }, (): number[] => [])
  for (let second = window.from; second < window.to; second++) {
    const value = values[second - 1]
    if (value !== undefined) cells[cellOf(window, second)]!.push(value)
  }
  const means = cells.map((cell) =>
    cell.length === 0 ? undefined : cell.reduce((sum, one) => sum + one, 0) / cell.length,
  )
  const most = Math.max(...means.map((mean) => mean ?? 0))
  return means
    .map((mean) =>
      mean === undefined ? ' ' : BLOCKS[most === 0 ? 0 : Math.round((mean / most) * (BLOCKS.length - 1))]!,
    )
    .join('')
}

/** One mark below each moment; where two coincide, the later one moves to the right. */
export function marks(moments: readonly { sign: string; second: number }[], window: Window): string {
  const signs = Array.from({ length: window.width }, () => ' ')
  for (const { sign, second } of moments.toSorted((a, b) => a.second - b.second)) {
    let cell = cellOf(window, second)
    while (cell < window.width - 1 && signs[cell] !== ' ') cell++
    signs[cell] = sign
  }
  return signs.join('').trimEnd()
}
