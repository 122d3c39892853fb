// A runbook from proposal to end: who may approve, when it runs, what stops it, what a crash leaves.
import { describe, expect, test } from '@jest/globals'
import { everyIncident } from '../../replay/incidents.ts'
import { blockProblems } from '../../local/slack/checks/blocks.ts'
import { Refused } from '../../lambda/ports/tools.ts'
import { faults } from '../support/faults.ts'
import { configOf, night, type Night } from '../support/runbook.ts'

/** The leak's alarm, and its recovery once the valve is closed and that helps. */
function leak(given: Night, from = 0): Night {
  given.alarm(from)
  const look = (seconds: number): void =>
    given.then(seconds, () => {
      if (given.valve.open === 0 && given.valve.helps) given.alarm(seconds + 1, { state: 'OK' })
      else if (seconds < from + 900) look(seconds + 10)
    })
  look(from + 10)
  return given
}

async function entries({ world }: Night): Promise<string[]> {
  return [...(await everyIncident(world.table)).values()].flatMap(({ timeline }) => timeline.map(({ text }) => text))
}

/** The messages as they are now; Slack would accept each. */
function shown({ world }: Night): string {
  const posts = [...world.chat.messages.values()].filter(({ threadTs }) => threadTs === undefined)
  for (const { blocks } of posts) expect(blockProblems(blocks, 'message')).toEqual([])
  return JSON.stringify(posts.map(({ text, blocks }) => ({ text, blocks })))
}

describe('suggest', () => {
  test('it is proposed with a dry run, waits for a person, acts step by step, and looks whether it helped', async () => {
    const given = leak(night(configOf()))
    let proposal = ''
    given.then(25, () => void (proposal = shown(given)))
    given.click(30, 'approve')
    let underWay = ''
    given.then(37, () => void (underWay = shown(given)))
    const [run, ...others] = await given.end()
    expect(proposal).toContain('*proposed*')
    expect(proposal).toContain('the valve is 3 turns open')
    expect(proposal).toContain('*Acts on:* 3 turns of the main valve')
    // The calls stand whole behind Details.
    expect(proposal).not.toContain('turn right x3')
    expect(proposal).toContain('"action_id":"details"')
    expect(proposal).toContain('"action_id":"approve"')
    expect(underWay).toContain('2 of 3 turns')
    expect(underWay).toContain('"action_id":"stop-all"')
    expect(shown(given)).toContain('*helped*')
    expect(others).toEqual([])
    expect(run).toMatchObject({ status: 'succeeded', steps: [{ status: 'done' }, { status: 'done' }] })
    expect(given.valve.acts).toEqual(['right', 'right', 'right', 'sign'])
    expect(await entries(given)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('approved by U0ANA'),
        expect.stringContaining('Close the valve, done in 10 s: 3 turns'),
        expect.stringContaining('helped'),
      ]),
    )
  })

  test('another valve by then: it asks again, with the reason, and acts on that one only once approved', async () => {
    const given = leak(night(configOf()))
    given.then(29, () => void (given.valve.name = 'the spare valve'))
    given.click(30, 'approve')
    let again = ''
    given.then(45, () => void (again = shown(given)))
    given.click(60, 'approve', 'U0BEN')
    const [run] = await given.end()
    expect(again).toContain('it asks again: valve: the main valve when it was approved, the spare valve now')
    expect(again).toContain('*Acts on:* 3 turns of the spare valve')
    expect(run).toMatchObject({ status: 'succeeded', approvals: [{ by: { id: 'U0BEN' } }] })
    expect(given.valve.acts).toEqual(['right', 'right', 'right', 'sign'])
  })

  test('nothing runs without a click, and the proposal expires', async () => {
    const given = night(configOf())
    given.alarm(0)
    const runs = await given.end()
    expect(given.valve.acts).toEqual([])
    expect(runs).toMatchObject([{ status: 'expired' }])
  })

  test('two people at once: one run, and the second is told who was first', async () => {
    const given = leak(night(configOf()))
    given.click(30, 'approve', 'U0ANA')
    given.click(30, 'approve', 'U0BEN')
    const runs = await given.end()
    expect(runs).toHaveLength(1)
    expect(given.valve.acts).toEqual(['right', 'right', 'right', 'sign'])
    expect(given.world.dialogs.whispers).toEqual([expect.stringContaining('U0ANA has approved it already')])
  })

  test('approved after the alarm recovered: nothing runs, and it says why', async () => {
    const given = night(configOf())
    given.alarm(0)
    given.alarm(40, { state: 'OK' })
    given.click(50, 'approve')
    const runs = await given.end()
    expect(runs).toMatchObject([{ status: 'withdrawn' }])
    expect(given.valve.acts).toEqual([])
    expect(given.world.dialogs.whispers).toEqual([expect.stringMatching(/Nothing was run: .*recovered at 02:00/)])
  })

  test('resolved by a person: the same click takes the proposal back, and the message says so at once', async () => {
    const given = night(configOf())
    given.alarm(0)
    given.click(30, 'resolve')
    let message = ''
    given.then(35, () => void (message = shown(given)))
    const runs = await given.end()
    expect(message).toContain('not run, U0ANA has resolved the incident')
    expect(message).not.toContain('valid until')
    expect(runs).toMatchObject([{ status: 'withdrawn' }])
  })

  test('a person rejects it: it is not proposed again in this incident', async () => {
    const given = night(configOf())
    given.alarm(0)
    given.click(30, 'reject')
    given.alarm(60, { state: 'OK' })
    given.alarm(90)
    const runs = await given.end()
    expect(runs).toMatchObject([{ status: 'rejected', why: 'rejected by U0ANA' }])
  })

  test('two approvals: one person is not enough, the second starts it', async () => {
    const given = leak(night(configOf({ approvals: 2 })))
    given.click(30, 'approve', 'U0ANA')
    given.click(31, 'approve', 'U0ANA')
    given.then(60, () => expect(given.valve.acts).toEqual([]))
    given.click(70, 'approve', 'U0BEN')
    const runs = await given.end()
    expect(runs).toMatchObject([{ status: 'succeeded' }])
    expect(given.world.dialogs.whispers).toEqual([expect.stringContaining('You have approved it already; it needs 2')])
  })

  test('who asked for a destructive act does not approve it where two are required', async () => {
    const given = leak(night(configOf({ approvals: 2 })))
    given.click(30, 'dry-run', 'U0ANA')
    given.click(40, 'approve', 'U0ANA')
    given.click(50, 'approve', 'U0BEN')
    const runs = await given.end()
    expect(runs[0]!.approvals.map(({ by }) => by.id)).toEqual(['U0BEN'])
    expect(given.valve.acts).toEqual([])
    expect(given.world.dialogs.whispers).toEqual([expect.stringContaining('two others have to approve it')])
  })

  test('only approvers may, and a refusal is said in the thread', async () => {
    const given = leak(night(configOf({}, { slack: { channel: '#i', approvers: ['U0BEN'] } })))
    given.click(30, 'approve', 'U0ANA')
    given.click(40, 'approve', 'U0BEN')
    const runs = await given.end()
    expect(runs[0]!.approvals.map(({ by }) => by.id)).toEqual(['U0BEN'])
    expect(await entries(given)).toContain('U0ANA may not decide on runbooks: only the approvers of the config may')
  })

  describe('where the config names nobody', () => {
    const asked = (isFullMember: (user: string) => Promise<boolean>) =>
      leak(night(configOf(), (runtime) => ({ ...runtime, people: { ...runtime.people, isFullMember } })))

    test('every full member of the workspace decides, and no guest', async () => {
      const given = asked(async (user) => user !== 'U0GUS')
      given.click(30, 'approve', 'U0GUS')
      given.click(40, 'approve', 'U0BEN')
      const runs = await given.end()
      expect(runs[0]!.approvals.map(({ by }) => by.id)).toEqual(['U0BEN'])
      expect(given.world.dialogs.whispers).toEqual([
        'Guests do not decide on runbooks, unless the config names them (slack.approvers): please ask a full member of the workspace.',
      ])
      expect(await entries(given)).toContain('U0GUS may not decide on runbooks: only full members of the workspace may')
    })

    test('a member of a group that is named decides, whatever Slack tells of members', async () => {
      const config = configOf(
        {},
        { teams: { pay: { channel: '#pay', approvers: ['S0PAY'] } }, slack: { channel: '#i' } },
      )
      for (const service of Object.values(config.services)) service.team = 'pay'
      const isFullMember = () => Promise.reject(new Refused('give the app the scope users:read'))
      const given = leak(
        night(config, (runtime) => ({
          ...runtime,
          people: { isIn: async (group) => group === 'S0PAY', isFullMember },
        })),
      )
      given.click(30, 'approve', 'U0PAUL')
      expect((await given.end())[0]!.approvals.map(({ by }) => by.id)).toEqual(['U0PAUL'])
    })

    test('nobody decides while Slack does not tell who is one, and they learn why', async () => {
      const given = asked(() => Promise.reject(new Refused('give the app the scope users:read')))
      given.click(30, 'approve', 'U0BEN')
      const runs = await given.end()
      expect(runs[0]!.approvals).toEqual([])
      expect(given.world.dialogs.whispers).toEqual(['give the app the scope users:read'])
      expect((await entries(given)).join()).not.toContain('may not decide')
    })
  })

  describe('the approvers of the team whose service it is', () => {
    const pay = { title: 'Payments', channel: '#pay', approvers: ['U0PAUL'] }
    const owned = (slack: object): ReturnType<typeof night> => {
      const config = configOf({}, { slack: { channel: '#i', ...slack }, teams: { pay } })
      for (const service of Object.values(config.services)) service.team = 'pay'
      return leak(night(config))
    }

    test('decide on it, and nobody else', async () => {
      const given = owned({ approvers: ['U0BEN'] })
      given.click(30, 'approve', 'U0BEN')
      given.click(40, 'approve', 'U0PAUL')
      const runs = await given.end()
      expect(runs[0]!.approvals.map(({ by }) => by.id)).toEqual(['U0PAUL'])
      expect(given.world.dialogs.whispers).toEqual([
        'You are not among the approvers (teams.pay.approvers in the config): please ask one of them.',
      ])
    })

    test.each([
      ['U0BEN', true],
      ['U0PAUL', true],
      ['U0ANA', false],
    ])('and those of all teams may stop everything: %s %s', async (user, may) => {
      const given = owned({ approvers: ['U0BEN'] })
      given.click(30, 'stop-all', user)
      await given.end()
      expect((await entries(given)).join().includes(`${user} stopped all runbooks`)).toBe(may)
    })
  })

  test('it worked, and the alarm comes back while the incident is open: it is proposed again', async () => {
    const given = leak(night(configOf()))
    given.click(30, 'approve')
    given.then(149, () => void (given.valve.open = 3))
    given.alarm(150)
    const runs = await given.end()
    expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'expired'])
  })

  test('a look that finds nothing to do withdraws it; while the alarm fires it looks again', async () => {
    const given = night(configOf())
    given.valve.open = 0
    given.alarm(0)
    given.then(200, () => void (given.valve.open = 3))
    const runs = await given.end()
    expect(runs).toMatchObject([
      { status: 'withdrawn', why: 'the valve is closed already' },
      { status: 'expired', plan: { found: 'the valve is 3 turns open' } },
    ])
  })
})

describe('auto', () => {
  test('it runs by itself, and says so', async () => {
    const given = leak(night(configOf({ mode: 'auto' })))
    const runs = await given.end()
    expect(runs).toMatchObject([{ status: 'succeeded', approvals: [] }])
    expect(shown(given)).toContain('by itself')
  })

  test('three automatic runs within an hour: the fourth asks first', async () => {
    const given = night(
      configOf(
        { mode: 'auto' },
        {
          remediation: { cooldownSeconds: 0, perHour: 20 },
          correlation: { resolveGraceSeconds: 10, reopenWindowSeconds: 0 },
        },
      ),
    )
    for (const n of [0, 1, 2, 3]) {
      given.then(n * 600, () => void (given.valve.open = 3))
      leak(given, n * 600 + 1)
    }
    const runs = await given.end()
    expect(runs.map(({ status }) => status).sort()).toEqual(['expired', 'succeeded', 'succeeded', 'succeeded'])
    expect(await entries(given)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('worked 3 times within 7 days: somebody should fix the root cause'),
      ]),
    )
  })

  test('the switch: while everything is stopped, it asks; and a run ends after its step', async () => {
    const given = leak(night(configOf({ mode: 'auto' })))
    given.click(7, 'stop-all')
    const runs = await given.end()
    expect(given.valve.acts).not.toContain('sign')
    expect(runs[0]).toMatchObject({ status: 'failed', why: expect.stringContaining('U0ANA stopped all runbooks') })
  })

  test('the switch of the config', async () => {
    const given = night(configOf({ mode: 'auto' }, { remediation: { stopped: true } }))
    given.alarm(0)
    const runs = await given.end()
    expect(runs).toMatchObject([{ status: 'expired' }])
    expect(given.valve.acts).toEqual([])
  })
})

describe('one target', () => {
  test('two runs at once: the second waits for a person', async () => {
    const given = leak(night(configOf({ mode: 'auto' })))
    given.alarm(3, { name: 'attic/water', service: 'attic' })
    const runs = await given.end()
    expect(runs.map(({ service, status }) => [service, status])).toEqual(
      expect.arrayContaining([
        ['cellar', 'succeeded'],
        ['attic', 'expired'],
      ]),
    )
    expect(given.valve.acts).toEqual(['right', 'right', 'right', 'sign'])
    expect(await entries(given)).not.toContain('attic helped')
  })

  test('it rests after a run, and has a cap in an hour', async () => {
    const given = leak(
      night(
        configOf(
          {},
          {
            remediation: { perHour: 1, cooldownSeconds: 90 },
            correlation: { resolveGraceSeconds: 5, reopenWindowSeconds: 0 },
          },
        ),
      ),
    )
    given.click(30, 'approve')
    given.then(109, () => void (given.valve.open = 3))
    given.alarm(110, { name: 'attic/water', service: 'attic' })
    given.click(120, 'approve')
    given.click(400, 'approve')
    await given.end()
    expect(given.world.dialogs.whispers).toEqual([
      expect.stringMatching(/its target is in cooldown until/),
      expect.stringMatching(/its target had 1 run within an hour/),
    ])
  })
})

describe('what goes wrong', () => {
  test('it does not help: what can be is taken back in reverse order, and a person takes over', async () => {
    const given = leak(night(configOf({ mode: 'auto' })))
    given.valve.helps = false
    const runs = await given.end()
    expect(runs).toMatchObject([{ status: 'failed', steps: [{ status: 'undone' }, { status: 'done' }] }])
    expect(given.valve.acts).toEqual(['right', 'right', 'right', 'sign', 'left'])
    expect(await entries(given)).toEqual(expect.arrayContaining([expect.stringContaining('did not help')]))
    expect(shown(given)).toContain('Please take over')
  })

  test.each([
    ['look', 'withdrawn'],
    ['act', 'failed'],
  ] as const)('access is denied in the %s', async (denied, status) => {
    const given = leak(night(configOf({ mode: 'auto' })))
    given.valve.denied = denied
    const runs = await given.end()
    expect(runs[0]).toMatchObject({ status, why: expect.stringContaining('may not be') })
    expect(given.valve.acts).toEqual([])
  })

  test.each(['before', 'after'] as const)(
    'a process that dies %s any one call: the same end, no act twice',
    async (when) => {
      const play = async (dieAt: number[]) => {
        const outside = faults(dieAt, when)
        const given = leak(night(configOf(), outside.spawn))
        given.click(30, 'approve')
        // As people do when nothing seems to happen.
        given.click(45, 'approve')
        given.click(75, 'approve')
        const runs = await given.end()
        return { outside, given, runs }
      }
      const calls = (await play([])).outside.calls()
      expect(calls).toBeGreaterThan(80)
      for (let call = 1; call <= calls; call++) {
        const { given, runs } = await play([call])
        expect({ call, status: runs.map(({ status }) => status), acts: given.valve.acts }).toEqual({
          call,
          status: ['succeeded'],
          acts: ['right', 'right', 'right', 'sign'],
        })
      }
    },
  )
})
