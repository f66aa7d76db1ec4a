import { Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { problemOf } from '../../api/problem.js'
import { ObjectProblem } from '../../states/object-problem.js'

/** Why a public page cannot be shown. */
export function PublicProblem({
  error,
  what,
}: {
  readonly error: unknown
  readonly what: string
}): ReactNode {
  if (problemOf(error).status !== 404) return <ObjectProblem error={error} what={what} />
  return (
    <>
      <Title order={1} size="h2">
        There is no such {what}
      </Title>
      <Text>It does not exist, or it is not public any more.</Text>
    </>
  )
}
