// Which paths may be declared as cleanable: absolute, plain, and well away from what a machine needs to run.

/** No blanks, quotes or other characters that a shell could take for something else. */
const PLAIN = /^(\/[A-Za-z0-9._@+=:,-]+)*\/[A-Za-z0-9._@+=:,*-]+$/

/** Nothing below these is ever cleaned. */
const SYSTEM = ['bin', 'boot', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'proc', 'run', 'sbin', 'sys', 'usr']
/** What is right below these is not a cache, but everything that some service has. */
const SHARED = ['/var/lib', '/var/log', '/var/spool', '/var/cache', '/var/mail', '/var/www']

/** How many characters besides `*` a pattern must have in such a folder: `*.gz`, not `*`. */
const NARROW = 3

export function whyNotCleanable(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must be an absolute path, like "/var/log/athena/*.gz"'
  if (path !== '/' && (!PLAIN.test(path) || /(^|\/)\.\.?(\/|$)/.test(path)))
    return 'must be a plain path: letters, digits and ._@+=:,- between slashes, and * in the last part only'
  const parts = path.split('/').slice(1)
  if (SYSTEM.includes(parts[0]!)) return `is below /${parts[0]!}, which is never cleaned`
  const folder = path.includes('*') ? path.slice(0, path.lastIndexOf('/')) : path
  const depth = folder.split('/').filter((part) => part !== '').length
  if (folder === '/tmp' || folder === '/var/tmp') return undefined
  const isNarrow = path.includes('*') && path.slice(folder.length + 1).replaceAll('*', '').length >= NARROW
  if (depth === 0 || ((depth === 1 || SHARED.includes(folder)) && !isNarrow))
    return 'would clean too much; name a folder of the service itself, or a narrower pattern'
  return undefined
}

/** The folder to look in, and the pattern of names there; a path without a wildcard is the folder itself. */
export function partsOf(path: string): { folder: string; pattern?: string } {
  if (!path.includes('*')) return { folder: path }
  const slash = path.lastIndexOf('/')
  return { folder: path.slice(0, slash), pattern: path.slice(slash + 1) }
}
