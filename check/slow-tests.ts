// The slow tests, longest first, and why they are slow: `npm test` starts with these, `npm run check` skips them.
/** `path`: a part of theirs. */
export const SLOW_TESTS: { path: string; since: string }[] = [
  { path: 'test/story/page', since: 'a browser waits for a world to run its course' },
  { path: 'test/local/page', since: 'a browser' },
  { path: 'test/bench/costs', since: 'it plays hours of incidents to count what they cost' },
  { path: 'test/drill/', since: 'they play worlds second by second' },
  { path: 'property', since: 'hundreds of nights, ten thousand messages' },
  { path: 'test/lib/', since: 'they load the CDK and make stacks' },
  { path: 'test/bin/', since: 'they start the command line and emulators' },
]
