import { Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { DetailText } from '../../details/detail-text.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { OrgUnitName } from '../../directory/org-unit-name.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { AlertActions } from './alert-actions.js'

/** One alert, who works on it, and its ticket. */
export function Page(): ReactNode {
  const path = { alertId: useParam('alertId') }
  const { data: alert, error } = useQueries().useQuery('get', '/api/v1/alerts/{alertId}', {
    params: { path },
  })
  const mayAssets = useMay('assets.read')
  const mayTickets = useMay('tickets.read')
  if (error !== null) return <ObjectProblem error={error} what="alert" />
  if (alert === undefined) return <Loading />
  return (
    <DetailPage
      list={{ to: '/alerts', title: 'Alerts' }}
      title={alert.title}
      badge={
        <>
          <StateBadge state={alert.severity} />
          <StateBadge state={alert.status} tone={alert.status === 'open' ? 'bad' : undefined} />
        </>
      }
      actions={<AlertActions alert={alert} />}
    >
      <Facts
        facts={[
          ['Source', alert.source],
          ['Detected', <Time key="detected" at={alert.detectedAt} />],
          ['Org unit', <OrgUnitName key="unit" id={alert.orgUnitId} />],
          [
            'Asset',
            alert.assetId !== null && mayAssets ? (
              <PageLink key="asset" to={`/assets/${alert.assetId}`}>
                Open the asset
              </PageLink>
            ) : null,
          ],
          ['Assigned to', <MemberName key="assigned" id={alert.assignedTo} />],
          ['Acknowledged by', <MemberName key="by" id={alert.acknowledgedBy} />],
          ['Acknowledged', <Time key="at" at={alert.acknowledgedAt} />],
          ['Resolved by', <MemberName key="resolver" id={alert.resolvedBy} />],
          ['Resolved', <Time key="resolved" at={alert.resolvedAt} />],
          ['Fingerprint', alert.fingerprint],
        ]}
      />
      {alert.resolutionNote !== null && (
        <section aria-label="Resolution">
          <Title order={2} size="h4" mb="xs">
            Resolution
          </Title>
          <Text>{alert.resolutionNote}</Text>
        </section>
      )}
      {mayTickets && <AlertTickets alertId={alert.id} />}
      <section aria-label="Detail">
        <Title order={2} size="h4" mb="xs">
          Detail
        </Title>
        <DetailText label="Detail of the alert" value={alert.detail} />
      </section>
    </DetailPage>
  )
}

function AlertTickets({ alertId }: { readonly alertId: string }): ReactNode {
  const { data } = useQueries().useQuery('get', '/api/v1/tickets', {
    params: { query: { alertId } },
  })
  if (data === undefined || data.items.length === 0) return null
  return (
    <section aria-label="Tickets">
      <Title order={2} size="h4" mb="xs">
        Tickets
      </Title>
      <ul>
        {data.items.map(({ id, title, state }) => (
          <li key={id}>
            <PageLink to={`/tickets/${id}`}>{title}</PageLink> ({state.replace('_', ' ')})
          </li>
        ))}
      </ul>
    </section>
  )
}
