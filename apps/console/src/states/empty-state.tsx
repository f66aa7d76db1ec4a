import { Stack, Text } from '@mantine/core'
import { IconInbox } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/**
 * Nothing to show, and why that can be. Never a bare "0 rows": what row level security keeps away
 * looks the same as what is not there.
 */
export function EmptyState({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ReactNode
}): ReactNode {
  return (
    <Stack align="center" gap={4} py="xl" px="md">
      <IconInbox size={32} stroke={1.2} aria-hidden />
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed" ta="center" maw={520}>
        {children}
      </Text>
    </Stack>
  )
}
