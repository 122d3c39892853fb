// A message in Slack as a link to open.

/** `C0123/1714660750.000100`, as the ledger keeps it; Slack finds the workspace from who is signed in. */
export function linkTo(ref: string | undefined): string | undefined {
  const [channel, ts] = ref?.split('/', 2) ?? []
  return channel !== undefined && ts !== undefined
    ? `https://slack.com/archives/${channel}/p${ts.replace('.', '')}`
    : undefined
}
