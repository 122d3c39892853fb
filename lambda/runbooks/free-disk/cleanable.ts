// Which paths may be declared as cleanable: absolute, plain, and well away from what a machine needs to run.

/** No blanks, quotes or other characters that a shell could take for something else. */
const PLAIN = /^(\/[A-Za-z0-9._@+=:,-]+)*\/[A-Za-z0-9._@+=:,*-]+$/

/** Nothing below these is ever cleaned. */
const SYSTEM = [
  'bin',
  'boot',
  'dev',
  'etc',
  'lib',
  'lib32',
  'lib64',
  'proc',
  'root',
  'run',
  'sbin',
  'snap',
  'sys',
  'usr',
]
/** What is right below these is not a cache, but everything that some service has. */
const SHARED = ['/home', '/opt', '/srv', '/var/lib', '/var/log', '/var/spool', '/var/cache', '/var/mail', '/var/www']

/** What is never cleaned below /var, besides what is shared. */
const SYSTEM_BELOW_VAR = ['lock', 'run', 'spool']

/** Parts of a path that hold keys, or what a database, a queue, a package manager or a container engine lives on. */
const STATE = new Set([
  ...[
    'amazon',
    'apt',
    'binlog',
    'cassandra',
    'certs',
    'clickhouse',
    'cloud',
    'consul',
    'containerd',
    'couchdb',
    'data',
  ],
  ...['db', 'dnf', 'docker', 'dpkg', 'elasticsearch', 'etcd', 'grafana', 'influxdb', 'journal', 'keys', 'kubelet'],
  ...['ldap', 'libvirt', 'mariadb', 'minio', 'mnesia', 'mongo', 'mongodb', 'mssql', 'mysql', 'neo4j', 'nix', 'nomad'],
  ...[
    'opensearch',
    'openvpn',
    'oradata',
    'overlay2',
    'pacman',
    'pg_wal',
    'pgdata',
    'pgsql',
    'pki',
    'podman',
    'postgres',
  ],
  ...['postgresql', 'private', 'prometheus', 'rabbitmq', 'redis', 'rpm', 'secrets', 'ssl', 'sss', 'systemd', 'vault'],
  ...['volumes', 'wal', 'yum', 'zookeeper'],
])
/** Their "logs" are their data. */
const LIVES_ON_LOGS = /kafka|redpanda|pulsar/i
/** What programs throw away themselves. */
const THROWAWAY = /^(.*[-_.])?(archives?|caches?|crash(es)?|dumps?|logs?|old|rotated|scratch|te?mp|trash)$/i

/** How many characters besides `*` a pattern must have in such a folder: `*.gz`, not `*`. */
const NARROW = 3

export function whyNotCleanable(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must be an absolute path, like "/var/log/athena/*.gz"'
  if (path !== '/' && (!PLAIN.test(path) || /(^|\/)\.\.?(\/|$)/.test(path)))
    return 'must be a plain path: letters, digits and ._@+=:,- between slashes, and * in the last part only'
  const parts = path.split('/').slice(1)
  if (SYSTEM.includes(parts[0]!)) return `is below /${parts[0]!}, which is never cleaned`
  if (parts[0] === 'var' && SYSTEM_BELOW_VAR.includes(parts[1]!))
    return `is below /var/${parts[1]!}, which is never cleaned`
  const { folder, pattern } = partsOf(path)
  const folders = folder.split('/').filter((part) => part !== '')
  const hidden = parts.find((part) => part.startsWith('.') && part !== '.cache')
  if (hidden !== undefined) return `has ${hidden} in it: what is hidden holds keys and settings, and is never cleaned`
  const isNarrow = pattern !== undefined && pattern.replaceAll('*', '').length >= NARROW
  const held = stateIn(folders, isNarrow)
  if (held !== undefined)
    return `has ${held} in it, where programs keep what they need; name a pattern among its logs, like "/var/log/${held}/*.gz", or its cache`
  if (folder === '/tmp' || folder === '/var/tmp') return undefined
  if (folders.length === 0 || ((folders.length === 1 || SHARED.includes(folder)) && !isNarrow))
    return 'would clean too much; name a folder of the service itself, or a narrower pattern'
  const isThrownAway = isForLogs(folders) || folders[0] === 'tmp' || folders.some((part) => THROWAWAY.test(part))
  if (!isThrownAway && !isNarrow)
    return 'does not look like something to throw away; name a cache, log, tmp or archive folder, or a narrower pattern like "*.gz"'
  return undefined
}

const isForLogs = ([first, second]: string[]): boolean =>
  first === 'var' && ['cache', 'log', 'tmp'].includes(second ?? '')

/** The last part that names such a place, unless what follows it, or a pattern among logs, says that this is not what it lives on. */
function stateIn(folders: string[], isNarrow: boolean): string | undefined {
  const isAmongLogs = isForLogs(folders) && (isNarrow || folders[1] === 'cache')
  const loglike = folders.find((part) => LIVES_ON_LOGS.test(part))
  if (loglike !== undefined && !isAmongLogs) return loglike
  // A disk of its own is often mounted at /data.
  const at = folders.findLastIndex((part, place) => STATE.has(part.toLowerCase()) && (place > 0 || part !== 'data'))
  const isNot =
    at < 0 || isAmongLogs || (!inVolumes(folders) && folders.slice(at + 1).some((part) => THROWAWAY.test(part)))
  return isNot ? undefined : folders[at]
}

/** Of containers: what is called a log there may be anything. */
const inVolumes = (folders: string[]): boolean => folders.includes('volumes')

/** The folder to look in, and the pattern of names there; a path without a wildcard is the folder itself. */
export function partsOf(path: string): { folder: string; pattern?: string } {
  if (!path.includes('*')) return { folder: path }
  const slash = path.lastIndexOf('/')
  return { folder: path.slice(0, slash), pattern: path.slice(slash + 1) }
}
