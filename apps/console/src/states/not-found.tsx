import { Anchor, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** A page that does not exist, or an object that is not there for the caller: the same to them. */
export function NotFound({ what = 'page' }: { readonly what?: string }): ReactNode {
  return (
    <Stack gap="xs" align="flex-start">
      <Title order={1} size="h2">
        There is no such {what} here
      </Title>
      <Text c="dimmed">
        It does not exist, or it does not belong to what this page shows: tenant, org units and role
        are in the bar above.
      </Text>
      <Anchor href="/">Go to the start</Anchor>
    </Stack>
  )
}
