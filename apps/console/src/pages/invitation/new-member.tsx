import { Alert, Button, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { baseOf } from '../../session/place.js'

/** Says that somebody is a member now, and leads into the tenant. */
export function NewMember({
  tenantId,
  tenantName,
}: {
  readonly tenantId: string
  readonly tenantName: string
}): ReactNode {
  const { data } = useQueries().useQuery('get', '/api/v1/session')
  const slug = data?.tenants.find(({ id }) => id === tenantId)?.slug
  const path = slug === undefined ? '' : baseOf({ kind: 'member', tenant: slug, orgUnitId: null })
  return (
    <Alert role="status" title={`You are a member of ${tenantName}`}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">The invitation is used; nobody can use it again.</Text>
        <Button component="a" href={`${path}/`}>
          Open {tenantName}
        </Button>
      </Stack>
    </Alert>
  )
}
