import { Button, Container, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** Why the console did not start. */
export function StartProblem({
  title,
  reason,
}: {
  readonly title: string
  readonly reason: string
}): ReactNode {
  return (
    <Container size="xs" py="xl" component="main">
      <Stack align="flex-start" role="alert">
        <Title order={1} size="h3">
          {title}
        </Title>
        <Text>{reason}</Text>
        <Button component="a" href="/">
          Try again
        </Button>
      </Stack>
    </Container>
  )
}
