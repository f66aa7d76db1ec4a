import { Alert, Text } from '@mantine/core'
import { IconSearchOff } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** A part of a page that does not exist, or is not there for the caller: the same to them. */
export function Missing({ what }: { readonly what: string }): ReactNode {
  return (
    <Alert
      color="gray"
      variant="light"
      icon={<IconSearchOff />}
      title={`There is no such ${what} here`}
    >
      <Text size="sm">It does not exist, or it does not belong to what this page shows.</Text>
    </Alert>
  )
}
