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

/** Parts of a path that hold keys, or what a database, a queue, a package manager or a container engine lives on. */
const STATE = new Set([
  ...['amazon', 'cassandra', 'clickhouse', 'cloud', 'consul', 'containerd', 'couchdb', 'data', 'db', 'docker', 'dpkg'],
  ...['elasticsearch', 'etcd', 'grafana', 'influxdb', 'kafka', 'kubelet', 'ldap', 'libvirt', 'mariadb', 'minio'],
  ...['mnesia', 'mongo', 'mongodb', 'mysql', 'neo4j', 'nomad', 'opensearch', 'openvpn', 'overlay2', 'pgdata', 'pgsql'],
  ...['podman', 'postgres', 'postgresql', 'prometheus', 'rabbitmq', 'redis', 'rpm', 'sss', 'systemd', 'vault', 'yum'],
  ...['zookeeper', 'apt', 'dnf', 'pacman', 'private', 'secrets', 'certs', 'keys', 'wal', 'pg_wal', 'binlog', 'journal'],
])
/** What such a program throws away itself. */
const THROWAWAY = /^(.*-)?(archives?|caches?|crash|dumps?|logs?|old|temp|tmp|trash)$/i

/** How many characters besides `*` a pattern must have in such a folder: `*.gz`, not `*`. */
const NARROW = 3

export function whyNotCleanable(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must be an absolute path, like "/var/log/athena/*.gz"'
  if (path !== '/' && (!PLAIN.test(path) || /(^|\/)\.\.?(\/|$)/.test(path)))
    return 'must be a plain path: letters, digits and ._@+=:,- between slashes, and * in the last part only'
  const parts = path.split('/').slice(1)
  if (SYSTEM.includes(parts[0]!)) return `is below /${parts[0]!}, which is never cleaned`
  const { folder, pattern } = partsOf(path)
  const folders = folder.split('/').filter((part) => part !== '')
  const hidden = parts.find((part) => part.startsWith('.') && part !== '.cache')
  if (hidden !== undefined) return `has ${hidden} in it: hidden folders hold keys and settings, and are never cleaned`
  const held = stateIn(folders)
  if (held !== undefined)
    return `has ${held} in it, where programs keep what they need; name its cache or its log folder, like "/var/log/${held}/*.gz"`
  if (folder === '/tmp' || folder === '/var/tmp') return undefined
  const isNarrow = pattern !== undefined && pattern.replaceAll('*', '').length >= NARROW
  if (folders.length === 0 || ((folders.length === 1 || SHARED.includes(folder)) && !isNarrow))
    return 'would clean too much; name a folder of the service itself, or a narrower pattern'
  if (folder.startsWith('/var/lib/') && !isNarrow && !folders.some((part) => THROWAWAY.test(part)))
    return 'is below /var/lib, where programs keep what they need; name a cache, tmp or log folder there, or a narrower pattern'
  return undefined
}

/** The last part that names such a place, unless a part behind it, or /var/log or /var/cache before it, says that this is not what it lives on. */
function stateIn(folders: string[]): string | undefined {
  if (folders[0] === 'var' && (folders[1] === 'log' || folders[1] === 'cache')) return undefined
  // A disk of its own is often mounted at /data.
  const at = folders.findLastIndex((part, place) => STATE.has(part.toLowerCase()) && (place > 0 || part !== 'data'))
  return at < 0 || folders.slice(at + 1).some((part) => THROWAWAY.test(part)) ? undefined : folders[at]
}

/** The folder to look in, and the pattern of names there; a path without a wildcard is the folder itself. */
export function partsOf(path: string): { folder: string; pattern?: string } {
  if (!path.includes('*')) return { folder: path }
  const slash = path.lastIndexOf('/')
  return { folder: path.slice(0, slash), pattern: path.slice(slash + 1) }
}
