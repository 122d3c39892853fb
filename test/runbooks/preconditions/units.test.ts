// What a systemd unit and its machine must be: for a restart, and for one where it uses most memory.
import type { Target } from '../../../lambda/core/services/config.ts'
import { PRECONDITIONS as RECYCLED } from '../../../lambda/runbooks/relieve-memory/unit.ts'
import { PRECONDITIONS as RESTARTED } from '../../../lambda/runbooks/rolling-restart/unit.ts'
import { look, withUnit, type Setting } from '../look.ts'
import { stopTheLook, type Row } from './rules.ts'

const UNIT: Target = { ec2: { instances: ['i-1'], unit: 'a.service', clean: [], paths: ['/'] } }

type About = Pick<Setting, 'runbook' | 'target'>

/** What `systemctl show` and the kernel print; the end is that of each script. */
const printing = (changed: Record<string, string> = {}) => {
  const properties = { LoadState: 'loaded', ActiveState: 'active', CanStart: 'yes', CanStop: 'yes', ...changed }
  const memory = { MemTotal: '100', MemAvailable: '5', ...changed }
  return withUnit(
    'a.service',
    [
      ...Object.entries({ MemoryCurrent: '50', ...properties }).map(([name, value]) => `${name}=${value}`),
      ...Object.entries(memory).map(([name, value]) => `${name}:${value}`),
      'tocsin end',
    ].join('\n'),
  )
}

const restarted = (about: About): Row[] => [
  [
    'LoadState of `systemctl show`',
    'no such unit',
    { ...about, made: withUnit('b.service') },
    'there is no unit a.service on i-1',
  ],
  [
    'LoadState of `systemctl show`',
    'masked',
    { ...about, made: printing({ LoadState: 'masked' }) },
    'a.service is masked on i-1',
  ],
  [
    'ActiveState of `systemctl show`',
    'somebody stopped it',
    { ...about, made: printing({ ActiveState: 'inactive' }) },
    'a.service is stopped on i-1 and has not failed: whoever stopped it starts it again',
  ],
  [
    'ActiveState of `systemctl show`',
    'it stops just now',
    { ...about, made: printing({ ActiveState: 'deactivating' }) },
    'a.service is deactivating on i-1: somebody is at it',
  ],
  [
    'CanStart of `systemctl show`',
    'not by hand',
    { ...about, made: printing({ CanStart: 'no' }) },
    'a.service on i-1 may not be restarted by hand',
  ],
  [
    'CanStop of `systemctl show`',
    'not by hand',
    { ...about, made: printing({ CanStop: 'no' }) },
    'a.service on i-1 may not be restarted by hand',
  ],
]

describe('rolling-restart', () => {
  const about: About = { runbook: 'rolling-restart', target: UNIT }
  stopTheLook('rolling-restart', RESTARTED, restarted(about))

  test.each(['active', 'activating', 'failed'])('one that is %s is restarted', async (ActiveState) => {
    expect((await look({ ...about, made: printing({ ActiveState }) })).stop).toBeUndefined()
  })
})

describe('relieve-memory', () => {
  const about: About = { runbook: 'relieve-memory', target: UNIT }
  const MEMORY = 'MemTotal, MemAvailable of `/proc/meminfo`'
  stopTheLook('relieve-memory', RECYCLED, [
    ...restarted(about),
    [
      'MemoryCurrent of `systemctl show`',
      'it does not count',
      { ...about, made: printing({ MemoryCurrent: '[not set]' }) },
      'systemd does not say how much memory a.service uses on i-1: set MemoryAccounting=yes',
    ],
    [MEMORY, 'little', { ...about, made: printing({ MemAvailable: '60' }) }, "less than 70 % of that machine's memory"],
    [
      MEMORY,
      'a kernel that does not say',
      { ...about, made: printing({ MemAvailable: '' }) },
      'how much memory is in use on i-1 is not known',
    ],
  ])
})
