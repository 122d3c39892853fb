// How every AWS client of the command line behaves: a person waits, so it gives up in seconds.

export const CLIENT = { maxAttempts: 3, requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000 } }

/** Created on first use: by then the options have set the region and the profile. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
