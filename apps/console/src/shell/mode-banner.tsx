import { Alert, Text } from '@mantine/core'
import { IconEye, IconTool } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useSession } from '../session/session.js'
import { RemainingTime } from './remaining-time.js'

/** Cannot be missed: the tenant's data is seen by an auditor or by staff of the platform. */
export function ModeBanner(): ReactNode {
  const { session } = useSession()
  const { mode, window, tenant } = session
  if (window === null || tenant === null) return null
  const isAuditor = mode === 'auditor'
  return (
    <Alert
      mb="md"
      variant="filled"
      color={isAuditor ? 'grape.8' : 'red.8'}
      icon={isAuditor ? <IconEye /> : <IconTool />}
      title={isAuditor ? `Auditor of ${tenant.name}` : `Platform support in ${tenant.name}`}
      data-testid="mode-banner"
    >
      <Text size="sm">
        {isAuditor || !window.canWrite ? 'Read only.' : 'This window may write.'} The tenant sees
        every read in its audit log. Ends in <RemainingTime until={window.expiresAt} />. Reason:{' '}
        {window.reason}
      </Text>
    </Alert>
  )
}
