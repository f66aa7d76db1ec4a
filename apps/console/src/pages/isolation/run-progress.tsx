import { Alert, Progress, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Run } from './run-totals.js'

const phases = {
  catalog: 'Reading the catalog',
  lint: 'Judging the catalog by rules',
  prove: 'Proving policies',
  attack: 'Probing as every role',
  'two-worlds': 'Comparing two worlds',
} as const

/** How far an open run is. */
export function RunProgress({ run }: { readonly run: Run }): ReactNode {
  const { progress, isStalled, status } = run
  const text = progress === null ? 'Waiting for the checker' : phases[progress.phase]
  const share =
    progress === null || progress.total === 0 ? 0 : (progress.done / progress.total) * 100
  return (
    <Alert color={isStalled ? 'yellow' : 'blue'} title="A check is running" aria-busy>
      <Text size="sm" role="status">
        {text}
        {progress !== null && progress.total > 0 && (
          <>
            : {progress.done} of {progress.total}
          </>
        )}
        {progress?.object != null && ` · ${progress.object}`}
        {isStalled && ' · nothing was heard of it for half a minute'}
      </Text>
      <Progress
        mt="xs"
        value={status === 'queued' ? 0 : share}
        animated
        aria-label="Progress of the check"
      />
    </Alert>
  )
}
