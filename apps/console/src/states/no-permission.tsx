import { Alert, Text } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** Says that the role of the session does not reach a page. */
export function NoPermission({ capability }: { readonly capability?: string }): ReactNode {
  return (
    <Alert color="gray" variant="light" icon={<IconLock />} title="Your role does not reach this">
      <Text size="sm">
        {capability === undefined
          ? 'The server refuses it to the role that you act in.'
          : `It needs “${capability}”, which the role that you act in does not have.`}{' '}
        An administrator of the tenant can change roles under Members.
      </Text>
    </Alert>
  )
}
