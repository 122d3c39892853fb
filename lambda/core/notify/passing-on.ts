// When an incident becomes part of another, its message becomes the line of that other one in the same channel, if it has none there yet.
import { byAge } from '../incident/rows.ts'
import { UNTOLD, type Told } from './ledger.ts'
import { hasHistory, type Subject } from './next-message.ts'

/** What the index knows of an incident that is shown here. */
export interface Shown extends Subject {
  mergedInto?: string
  places: readonly string[]
  /** How many entries its timeline has. */
  filed: number
}

export interface Passing {
  /** From each of these, whose thread is complete, to that one. */
  ready: Map<string, Shown>
  /** Those that are not ready, each with the one that waits for its message. */
  waiting: Map<string, string>
}

export function passingOn(subjects: readonly Shown[], told: ReadonlyMap<string, Told>, here: string): Passing {
  const passing: Passing = { ready: new Map(), waiting: new Map() }
  if (!subjects.some(({ places }) => places.length > 1)) return passing
  const known = new Map(subjects.map((subject) => [subject.id, subject]))
  const heirs = new Set<string>()
  for (const subject of [...subjects].sort(byAge)) {
    const one = told.get(subject.id) ?? UNTOLD
    const to = heirOf(subject, known)
    if (one.ref === undefined || !to || to.places[0] === here || to.isHeld || heirs.has(to.id)) continue
    const { ref, sending, isLost } = told.get(to.id) ?? UNTOLD
    const isHalfDone = ref === one.ref
    if (!isHalfDone && (ref !== undefined || sending || isLost)) continue
    heirs.add(to.id)
    if (isHalfDone || !hasHistory({ subject, told: one }) || one.refused?.reply) passing.ready.set(subject.id, to)
    else passing.waiting.set(subject.id, to.id)
  }
  return passing
}

function heirOf(subject: Shown, known: ReadonlyMap<string, Shown>): Shown | undefined {
  let at: Shown | undefined = subject
  for (let steps = 0; at?.mergedInto !== undefined && steps < 100; steps++) at = known.get(at.mergedInto)
  return at === subject ? undefined : at
}

/** What is told of the heir from then on: the message shows the other one until it is edited, and its thread holds nothing of the heir's. */
export function inheritance(from: Told, known: Told = UNTOLD, to: Shown): Told {
  const { ref, as, sentAt } = from
  const threaded = to.news > 0 ? to.news - 1 : to.filed
  return {
    ...known,
    shown: 0,
    threaded,
    ...(ref !== undefined && { ref }),
    ...(as && { as }),
    ...(sentAt && { sentAt }),
  }
}

/** And of the one whose message it was. */
export const inherited = ({ ref: _, looks: __, home: ___, ...told }: Told): Told => told
