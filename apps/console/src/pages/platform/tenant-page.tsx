import type { ReactNode } from 'react'
import { Alert, Text } from '@mantine/core'
import { IconScale } from '@tabler/icons-react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { useParam } from '../../lists/use-param.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { TenantActions } from './tenant-actions.js'

/** One tenant as staff see it from outside; the tenant sees in its audit log that they looked. */
export function Page(): ReactNode {
  const path = { tenantId: useParam('tenantId') }
  const { data: tenant, error } = useQueries().useQuery(
    'get',
    '/api/v1/platform/tenants/{tenantId}',
    { params: { path } },
    // Each read is in the tenant's audit log.
    { refetchOnWindowFocus: false, staleTime: 60_000 },
  )
  if (error !== null) return <ObjectProblem error={error} what="tenant" />
  if (tenant === undefined) return <Loading />
  const { legalHold } = tenant
  return (
    <DetailPage
      list={{ to: '/', title: 'Tenants' }}
      title={tenant.name}
      badge={<StateBadge state={tenant.status} />}
      actions={<TenantActions tenant={tenant} />}
    >
      {legalHold !== null && (
        <Alert
          color="yellow"
          icon={<IconScale aria-hidden />}
          title="Legal hold: nothing may be erased"
        >
          <Text size="sm">
            {legalHold.reason} (since <Time at={legalHold.placedAt} />)
          </Text>
        </Alert>
      )}
      <Facts
        facts={[
          ['Name in the address', tenant.slug],
          ['Region', tenant.region],
          ['Public pages', tenant.hasPublicPage ? 'yes' : 'no'],
          ['Made', <Time key="made" at={tenant.createdAt} />],
          ['Suspended', <Time key="suspended" at={tenant.suspendedAt} />],
          ['Archived', <Time key="archived" at={tenant.archivedAt} />],
          ['Why it is archived', tenant.archiveReason],
          ['Id', <code key="id">{tenant.id}</code>],
        ]}
      />
      <Text size="sm" c="dimmed">
        The tenant sees in its audit log that staff opened this page.
      </Text>
    </DetailPage>
  )
}
