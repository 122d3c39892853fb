// Makes text from outside safe for a terminal, and long text fit its width.

/** Control characters could move the cursor, change colors or impersonate us. Line breaks become spaces. */
export const printable = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')

export const cut = (text: string, width: number): string =>
  [...text].length > width ? `${[...text].slice(0, width - 1).join('')}…` : text

/** `1,240 ms` below ten seconds, else `12.3 s`. */
export const milliseconds = (ms: number): string =>
  ms < 10_000 ? `${Math.round(ms).toLocaleString('en-US')} ms` : `${(ms / 1000).toFixed(1)} s`

/** Wraps words into lines of at most `width`; later lines start with `indent` spaces. A longer word stays whole. */
export function wrap(text: string, width: number, indent: number): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width - indent)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** The width of wrapped lines: they fit the smallest usual terminal. */
export const WIDTH = 80
