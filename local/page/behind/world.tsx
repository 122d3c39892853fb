/** Simulated worlds: what can be broken, how it is fixed, and the curves of what happens. */
import { Fragment } from 'react'
import type { Manner, PageState, World, WorldView } from '../server/stage.ts'

const LABELS: Record<Manner, string> = {
  suggest: 'Break it',
  auto: '… and let it run by itself',
  'no-help': '… the fix does not help',
}

interface Props {
  state: PageState
  onPlay: (id: string, manner: Manner) => void
}

export function Worlds({ state: { worlds, world, isRunning }, onPlay }: Props) {
  return (
    <>
      {world && <Running world={world} title={worlds.find(({ id }) => id === world.id)?.title} isRunning={isRunning} />}
      <h3>Break something</h3>
      <ul className="scenarios">
        {worlds.map((one) => (
          <Card key={one.id} world={one} isPlaying={isRunning === true && world?.id === one.id} onPlay={onPlay} />
        ))}
      </ul>
    </>
  )
}

function Card({
  world: { id, title, description },
  isPlaying,
  onPlay,
}: { world: World; isPlaying: boolean } & Pick<Props, 'onPlay'>) {
  return (
    <li className={isPlaying ? 'scenario playing' : 'scenario'}>
      <b>{title}</b>
      <p>{description}</p>
      <div className="behind-buttons">
        {(Object.keys(LABELS) as Manner[]).map((manner) => (
          <button
            key={manner}
            type="button"
            className={`button${manner === 'suggest' ? ' filled primary' : ''}`}
            data-world={id}
            data-manner={manner}
            aria-label={`${title}: ${LABELS[manner].replace('… ', '')}`}
            onClick={() => onPlay(id, manner)}
          >
            {LABELS[manner]}
          </button>
        ))}
      </div>
    </li>
  )
}

function Running({
  world,
  title,
  isRunning,
}: {
  world: WorldView
  title: string | undefined
  isRunning: boolean | undefined
}) {
  const { second, complaints, curves, marks, story } = world
  const last = story.at(-1)
  return (
    <section className="world" data-panel="world" aria-label="The world">
      <p className={isRunning ? 'playing' : ''}>
        <span className="dot" aria-hidden="true" /> <b>{title}</b> · <time>{minutes(second)}</time>{' '}
        {isRunning ? 'into it' : 'and it is over'}
      </p>
      {last && <p className="world-story">{last.text}</p>}
      <p
        className={complaints.length > 0 ? 'world-ill' : 'world-well'}
        data-health={complaints.length > 0 ? 'ill' : 'well'}
      >
        {complaints.length > 0 ? `Not well: ${complaints.slice(0, 3).map(readable).join('; ')}` : 'Everything is well.'}
      </p>
      {curves.map(({ title: name, values }) => (
        <Curve key={name} name={name} values={values} second={second} marks={marks} />
      ))}
      <ol className="world-marks">
        {marks.map(({ second: at, label }, place) => (
          <li key={`${place}${label}`} data-mark={label}>
            <time>{minutes(at)}</time> {label}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** In units of the drawing, which is stretched to the available width. */
const [WIDTH, HEIGHT] = [320, 44]

function Curve({
  name,
  values,
  second,
  marks,
}: {
  name: string
  values: number[]
  second: number
  marks: WorldView['marks']
}) {
  const most = Math.max(...values, 1e-9)
  const x = (at: number): number => (second === 0 ? 0 : (at / second) * WIDTH)
  const points = values.map((value, i) => {
    const at = values.length < 2 ? 0 : (i / (values.length - 1)) * WIDTH
    return `${at.toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 6)).toFixed(1)}`
  })
  return (
    <figure className="curve" data-curve={name}>
      <figcaption>
        {name} <b>{short(values.at(-1) ?? 0)}</b>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${name} over time`}>
        <polyline points={points.join(' ')} />
        {marks.map(({ second: at, label }, place) => (
          <Fragment key={`${place}${label}`}>
            <line className={`mark mark-${label.replace(' ', '-')}`} x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT}>
              <title>{label}</title>
            </line>
          </Fragment>
        ))}
      </svg>
    </figure>
  )
}

/** `12,345`, `3.2 M`, `0.25`. */
function short(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} G`
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(2)))
}

/** Shortens numbers: long ones are for machines. */
const readable = (text: string): string =>
  text.replace(/(?<![\w.-])\d{5,}(\.\d+)?(?![\w-])/g, (number) => short(Number(number)))

const minutes = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
