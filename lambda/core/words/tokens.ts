// The words that a name of a metric or alarm is made of.

/** `ApproximateNumberOfMessagesVisible` and `mem_used.percent` in lower case, word by word. */
export const tokensOf = (name: string): string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]/)
    .filter((word) => word !== '')
