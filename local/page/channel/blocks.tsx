/** Draws a message's blocks, interactive ones included; a block that has just changed lights up briefly. */
import { useEffect, useRef, useState } from 'react'
import type { Block, Element } from '../../slack/types.ts'
import { ActionElement } from './elements.tsx'
import type { Press } from '../press.ts'
import { looks, Still } from './text.tsx'

const FLASH_MS = 2600

/** The blocks that were not there a moment ago, as `looks` represents them. */
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
        <div
          // Buttons stay the same elements when a line comes in above them: else an edit between press and release swallows the click.
          key={block.type === 'actions' ? block.block_id : index}
          className={fresh.has(looks(block)) ? 'block fresh' : 'block'}
          data-block-id={block.block_id}
        >
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
