/** "Behind the scenes": plays scenarios, makes Slack refuse, and shows what Tocsin knows. */
import { useState } from 'react'
import { order } from '../client.ts'
import { useStayAtEnd } from '../scroll.ts'
import type { PageState, Scenario, Speed } from '../server/stage.ts'
import { Timelines } from './timeline.tsx'
import { Worlds } from './world.tsx'

const REFUSAL = { count: 3, retryAfterSeconds: 2 }

export function Behind({ state }: { state: PageState }) {
  const { scenarios, playing, incidents, slack } = state
  const [trouble, setTrouble] = useState<string>()
  const known = useStayAtEnd<HTMLDivElement>()
  const [isRefusing, setRefusing] = useState(false)
  const run = (name: string, body: object = {}) => {
    setTrouble(undefined)
    void order(name, body).then((outcome) => setTrouble(outcome.error))
  }
  const refuse = () => {
    run('refuse', REFUSAL)
    setRefusing(true)
    setTimeout(() => setRefusing(false), 3000)
  }
  return (
    <section className="behind" aria-label="Behind the scenes">
      <header className="pane-header">
        <h2>Behind the scenes</h2>
      </header>
      <div className="behind-body">
        <div className="behind-play">
          <StatusLine state={state} />
          <div className="behind-buttons">
            <button
              type="button"
              className="button"
              data-stage="stop"
              disabled={!playing && !state.isRunning}
              onClick={() => run('stop')}
            >
              Stop
            </button>
            <button type="button" className="button" data-stage="reset" onClick={() => run('reset')}>
              Reset
            </button>
            <button
              type="button"
              className="button"
              data-stage="refuse"
              title="The next 3 calls are answered 429, retry after 2 seconds"
              onClick={refuse}
            >
              {isRefusing ? 'Slack refuses the next 3' : 'Make Slack refuse (429)'}
            </button>
          </div>
          {trouble && (
            <p className="field-error" role="alert">
              {trouble}
            </p>
          )}
          <Worlds state={state} onPlay={(id, manner) => run('world', { id, manner })} />
          <h3>Play a recording</h3>
          <ul className="scenarios">
            {scenarios.map((scenario) => (
              <ScenarioCard
                key={scenario.id}
                scenario={scenario}
                isPlaying={playing?.id === scenario.id}
                onPlay={(speed) => run('play', { id: scenario.id, speed })}
              />
            ))}
          </ul>
        </div>
        <div className="behind-known" {...known} role="region" tabIndex={0} aria-label="What Tocsin knows">
          <h3>What Tocsin knows</h3>
          <Timelines incidents={incidents} hasMessages={slack.messages.length > 0} />
        </div>
      </div>
    </section>
  )
}

function StatusLine({ state: { playing, scenarios, slack, isRunning } }: { state: PageState }) {
  const title = scenarios.find(({ id }) => id === playing?.id)?.title ?? playing?.id
  const { posts, updates, threadReplies, refused } = slack.stats
  return (
    <div className="status" data-panel="status" role="status" aria-live="off">
      <p className={playing || isRunning ? 'playing' : ''}>
        <span className="dot" aria-hidden="true" />
        {playing ? (
          <>
            <b>{title}</b> at {playing.speed} speed · <time>{playing.clock}</time>
          </>
        ) : (
          `${isRunning ? 'A world is' : 'Nothing is'} playing`
        )}
      </p>
      {playing && (
        <p>
          <progress value={playing.sent} max={Math.max(playing.total, 1)} aria-label="Alarms sent" /> {playing.sent} of{' '}
          {playing.total} alarms
        </p>
      )}
      <dl>
        <Count name="posts" value={posts} />
        <Count name="edits" value={updates} />
        <Count name="thread replies" value={threadReplies} />
        <Count name="refused" value={refused} />
      </dl>
    </div>
  )
}

const Count = ({ name, value }: { name: string; value: number }) => (
  <div data-count={name}>
    <dd>{value}</dd>
    <dt>{name}</dt>
  </div>
)

interface CardProps {
  scenario: Scenario
  isPlaying: boolean
  onPlay: (speed: Speed) => void
}

function ScenarioCard({ scenario: { id, title, description }, isPlaying, onPlay }: CardProps) {
  const play = (speed: Speed, label: string) => (
    <button
      type="button"
      className={`button${speed === 'fast' ? ' filled primary' : ''}`}
      data-scenario={id}
      data-speed={speed}
      aria-label={`${title}: ${label}`}
      onClick={() => onPlay(speed)}
    >
      {label}
    </button>
  )
  return (
    <li className={isPlaying ? 'scenario playing' : 'scenario'}>
      <b>{title}</b>
      <p>{description}</p>
      <div className="behind-buttons">
        {play('real', 'Play at real speed')}
        {play('fast', 'Play fast')}
      </div>
    </li>
  )
}
