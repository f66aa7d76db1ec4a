import { Skeleton, Stack } from '@mantine/core'
import type { ReactNode } from 'react'

/** An object that is on its way. */
export function Loading(): ReactNode {
  return (
    <Stack role="status" aria-label="Loading">
      <Skeleton height={28} maw={320} />
      <Skeleton height={14} />
      <Skeleton height={14} maw={480} />
    </Stack>
  )
}
