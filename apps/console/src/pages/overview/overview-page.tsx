import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useSession } from '../../session/session.js'

/** Where the caller stands. */
export function Page(): ReactNode {
  const { session } = useSession()
  return (
    <Stack>
      <Title order={1} size="h2">
        {session.tenant?.name}
      </Title>
      <Text>Signed in as {session.user.displayName}.</Text>
    </Stack>
  )
}
