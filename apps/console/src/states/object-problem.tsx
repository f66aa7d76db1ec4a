import { Stack, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { problemOf } from '../api/problem.js'
import { NotFound } from './not-found.js'
import { PageProblem } from './page-problem.js'

/** Why the page of an object cannot be shown: it has the heading that the object would have. */
export function ObjectProblem({
  error,
  what = 'page',
  onRetry,
}: {
  readonly error: unknown
  readonly what?: string
  readonly onRetry?: (() => void) | undefined
}): ReactNode {
  if (problemOf(error).status === 404) return <NotFound what={what} />
  return (
    <Stack>
      <Title order={1} size="h2">
        This {what} cannot be shown
      </Title>
      <PageProblem error={error} onRetry={onRetry} what={what} />
    </Stack>
  )
}
