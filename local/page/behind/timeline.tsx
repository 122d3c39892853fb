/** Each incident as Tocsin remembers it: what happened, when, newest at the bottom. */
import type { Incident } from '../server/stage.ts'

/** The icon and the tone of each kind of entry; a kind that is not here gets a dot. */
const KINDS: Record<string, [sign: string, tone: string]> = {
  opened: ['!', 'red'],
  reopened: ['!', 'red'],
  joined: ['+', 'orange'],
  severity: ['↑', 'orange'],
  cause: ['?', 'violet'],
  acknowledged: ['✓', 'blue'],
  unacknowledged: ['↺', 'orange'],
  snoozed: ['z', 'grey'],
  woke: ['☼', 'orange'],
  recovered: ['↓', 'green'],
  resolved: ['✓', 'green'],
  merged: ['⇥', 'violet'],
  split: ['⑂', 'violet'],
  flapping: ['~', 'orange'],
  steady: ['=', 'green'],
  noted: ['·', 'grey'],
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** A time that cannot be read is shown as it came. */
const timeOf = (at: string) => (Number.isNaN(Date.parse(at)) ? at : clock.format(new Date(at)))

export function Timelines({ incidents, hasMessages }: { incidents: Incident[]; hasMessages: boolean }) {
  return (
    <div data-panel="timeline" className="timelines">
      {incidents.length === 0 && <p className="hint">{hasMessages ? 'No incident is open.' : 'No incident yet.'}</p>}
      {incidents.map((incident) => (
        <section
          key={incident.id}
          className="incident"
          data-incident={incident.id}
          aria-label={`Incident ${incident.id}`}
        >
          <header>
            <div>
              <code>{incident.id}</code>
              <span className={`chip ${incident.status}`}>{incident.status}</span>
              <span className="chip severity">{incident.severity}</span>
            </div>
            <b>{incident.title}</b>
          </header>
          <ol>
            {incident.timeline.map((entry, index) => (
              <Entry key={index} {...entry} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}

function Entry({ at, kind, text }: Incident['timeline'][number]) {
  const [sign, tone] = KINDS[kind] ?? ['·', 'grey']
  return (
    <li data-kind={kind}>
      <span className={`kind ${tone}`} title={kind} aria-hidden="true">
        {sign}
      </span>
      <div>
        <time dateTime={at}>{timeOf(at)}</time> <span className="kind-name">{kind}</span>
        <p>{text}</p>
      </div>
    </li>
  )
}
