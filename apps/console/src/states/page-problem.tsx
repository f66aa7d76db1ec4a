import { Alert, Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { problemOf } from '../api/problem.js'
import { NoPermission } from './no-permission.js'
import { Missing } from './missing.js'

/** What went wrong with a part of a page, with a way to try again. */
export function PageProblem({
  error,
  onRetry,
  what = 'object',
}: {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
  readonly what?: string
}): ReactNode {
  const problem = problemOf(error)
  if (problem.status === 403) return <NoPermission />
  if (problem.status === 404) return <Missing what={what} />
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle />}
      title={problem.title}
      role="alert"
    >
      <Text size="sm">{problem.detail}</Text>
      <Group mt="sm" gap="md">
        <Button size="xs" variant="default" onClick={onRetry ?? (() => location.reload())}>
          Try again
        </Button>
        <Text size="xs" c="dimmed">
          {problem.code}
        </Text>
      </Group>
    </Alert>
  )
}
