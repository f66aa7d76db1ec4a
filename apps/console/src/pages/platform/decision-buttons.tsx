import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { RowActions } from '../../lists/row-actions.js'

export type Outcome = 'approve' | 'reject'

/** The two ways to decide a request; each asks before it does. */
export function DecisionButtons({
  name,
  onDecide,
}: {
  /** Whose request it is, for who does not see the row. */
  readonly name: string
  readonly onDecide: (outcome: Outcome) => void
}): ReactNode {
  return (
    <RowActions>
      <Button
        size="compact-sm"
        aria-label={`Approve ${name}`}
        onClick={() => {
          onDecide('approve')
        }}
      >
        Approve …
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Reject ${name}`}
        onClick={() => {
          onDecide('reject')
        }}
      >
        Reject …
      </Button>
    </RowActions>
  )
}
