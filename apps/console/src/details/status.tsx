import { Badge } from '@mantine/core'
import type { ReactNode } from 'react'

/** What a state means for who reads it; said in words, coloured besides. */
export type Tone = 'good' | 'waiting' | 'bad' | 'ended'

const colors = { good: 'teal.9', waiting: 'yellow.8', bad: 'red.8' } as const

/** A state as a badge. */
export function Status({ text, tone }: { readonly text: string; readonly tone: Tone }): ReactNode {
  return (
    <Badge
      miw="max-content"
      {...(tone === 'ended' ? { variant: 'default' } : { color: colors[tone], variant: 'filled' })}
    >
      {text.replaceAll('_', ' ')}
    </Badge>
  )
}
