/** Draws Block Kit: interactive parts by this page, everything else by slack-blocks-to-jsx; what changed lights up briefly. */
import { memo, useEffect, useRef, useState } from 'react'
import { Message as LibraryBlocks } from 'slack-blocks-to-jsx'
import type { Block as LibraryBlock } from 'slack-blocks-to-jsx'
import type { Block, Element } from '../slack/types.ts'
import { ActionElement } from './elements.tsx'
import { useSlack } from './person.ts'
import type { Press } from './press.ts'

const FLASH_MS = 2600

/** The ids Slack gives out differ on every edit and are nothing a person sees. */
const looks = (block: Block) => JSON.stringify(block, (key, value: unknown) => (key === 'block_id' ? undefined : value))

/** The blocks that were not there a moment ago, in the form of `looks`. */
function useFresh(blocks: Block[]): Set<string> {
  const before = useRef<Set<string>>(undefined)
  const [fresh, setFresh] = useState(new Set<string>())
  const now = blocks.map(looks).join('\n')
  useEffect(() => {
    const current = new Set(now.split('\n'))
    const old = before.current
    before.current = current
    const added = old && [...current].filter((block) => !old.has(block))
    if (!added?.length) return
    setFresh(new Set(added))
    const timer = setTimeout(() => setFresh(new Set()), FLASH_MS)
    return () => clearTimeout(timer)
  }, [now])
  return fresh
}

export function Blocks({ blocks, press }: { blocks: Block[]; press: Press }) {
  const fresh = useFresh(blocks)
  return (
    <div className="blocks">
      {blocks.map((block, index) => (
        <div key={index} className={fresh.has(looks(block)) ? 'block fresh' : 'block'} data-block-id={block.block_id}>
          <BlockView block={block} press={press} />
        </div>
      ))}
    </div>
  )
}

function BlockView({ block, press }: { block: Block; press: Press }) {
  const blockId = block.block_id ?? ''
  if (block.type === 'actions')
    return (
      <div className="actions">
        {(block.elements as Element[]).map((element) => (
          <ActionElement key={element.action_id} element={element} blockId={blockId} press={press} />
        ))}
      </div>
    )
  const accessory = block.accessory as Element | undefined
  if (!accessory || accessory.type === 'image') return <Still block={block} />
  const rest = { ...block }
  delete rest.accessory
  return (
    <div className="with-accessory">
      <Still block={rest} />
      <ActionElement element={accessory} blockId={blockId} press={press} />
    </div>
  )
}

const sameLooks = (before: { block: Block }, after: { block: Block }) => looks(before.block) === looks(after.block)

/** A block that only shows something. */
export const Still = memo(function Still({ block }: { block: Block }) {
  const { people, bot, channels } = useSlack()
  return (
    <LibraryBlocks
      blocks={[block as unknown as LibraryBlock]}
      name=""
      logo=""
      theme="light"
      withoutWrapper
      data={{ users: [...people, bot], channels }}
    />
  )
}, sameLooks)

export const Text = ({ text }: { text: string }) => (
  <Still block={{ type: 'section', text: { type: 'mrkdwn', text } }} />
)
