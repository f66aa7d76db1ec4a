import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'

const lengths = [15, 30, 45, 60].map((minutes) => ({
  value: String(minutes),
  label: `${String(minutes)} minutes`,
}))

/** Asks a tenant to let the caller in: why, for how long, and whether to write. */
export function RequestAccess({
  tenant: { id: tenantId, name },
  onClose,
}: {
  readonly tenant: { readonly id: string; readonly name: string }
  readonly onClose: () => void
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  return (
    <FormModal
      title={`Ask ${name} for access`}
      submit="Ask"
      fields={[
        { name: 'reason', label: 'Reason', kind: 'textarea', isRequired: true, maxLength: 1000 },
        {
          name: 'minutes',
          label: 'For how long',
          kind: 'choice',
          isRequired: true,
          initial: '15',
          options: lengths,
        },
        {
          name: 'canWrite',
          label: 'May write',
          help: 'Leave it off to read alone.',
          kind: 'switch',
        },
      ]}
      onSubmit={({ reason, minutes, canWrite }) => {
        const startsAt = new Date()
        const expiresAt = new Date(startsAt.getTime() + Number(minutes) * 60_000)
        return action.run(
          fetch.POST('/api/v1/platform/access-grant-requests', {
            body: {
              tenantId,
              reason: String(reason),
              canWrite: canWrite === true,
              startsAt: startsAt.toISOString(),
              expiresAt: expiresAt.toISOString(),
            },
          }),
          'The tenant was asked; its administrators decide.',
        )
      }}
      onClose={onClose}
    >
      <Text size="sm">
        An administrator of the tenant has to approve it. The time runs from now, and the tenant
        sees every read in its audit log.
      </Text>
    </FormModal>
  )
}
