import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { OrgUnitName } from '../../directory/org-unit-name.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { withCleared } from '../../forms/with-cleared.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'

const nextStates = {
  open: [
    ['in_progress', 'Start work'],
    ['closed', 'Close'],
  ],
  in_progress: [
    ['closed', 'Close'],
    ['open', 'Put back'],
  ],
  closed: [],
} as const

/** One ticket. */
export function Page(): ReactNode {
  const params = { path: { ticketId: useParam('ticketId') } }
  const { data: ticket, error } = useQueries().useQuery('get', '/api/v1/tickets/{ticketId}', {
    params,
  })
  const mayWrite = useMay('tickets.write')
  const { fetch } = useApi()
  const action = useAction()
  const [isReferring, setReferring] = useState(false)
  if (error !== null) return <ObjectProblem error={error} what="ticket" />
  if (ticket === undefined) return <Loading />
  return (
    <DetailPage
      list={{ to: '/tickets', title: 'Tickets' }}
      title={ticket.title}
      badge={<StateBadge state={ticket.state} />}
      actions={
        mayWrite &&
        ticket.state !== 'closed' && (
          <>
            {nextStates[ticket.state].map(([state, label], index) => (
              <Button
                key={state}
                variant={index === 0 ? 'filled' : 'default'}
                onClick={() =>
                  action.start(
                    () => fetch.PATCH('/api/v1/tickets/{ticketId}', { params, body: { state } }),
                    `The ticket is ${state.replace('_', ' ')}.`,
                  )
                }
              >
                {label}
              </Button>
            ))}
            <Button variant="default" onClick={() => setReferring(true)}>
              Set the reference
            </Button>
          </>
        )
      }
    >
      <Facts
        facts={[
          [
            'Alert',
            <PageLink key="alert" to={`/alerts/${ticket.alertId}`}>
              Open the alert
            </PageLink>,
          ],
          ['Reference elsewhere', ticket.externalReference],
          ['Org unit', <OrgUnitName key="unit" id={ticket.orgUnitId} />],
          ['Opened by', <MemberName key="by" id={ticket.openedBy} />],
          ['Opened', <Time key="opened" at={ticket.openedAt} />],
          ['Closed', <Time key="closed" at={ticket.closedAt} />],
        ]}
      />
      {isReferring && (
        <FormModal
          title="Reference elsewhere"
          submit="Save"
          fields={[
            {
              name: 'externalReference',
              label: 'Reference',
              kind: 'text',
              maxLength: 200,
              initial: ticket.externalReference ?? '',
              help: 'Where the ticket is known by another system; nothing takes it away.',
            },
          ]}
          onSubmit={(values) =>
            action.run(
              fetch.PATCH('/api/v1/tickets/{ticketId}', {
                params,
                body: withCleared(values, ['externalReference'], null) as never,
              }),
              'The reference was saved.',
            )
          }
          onClose={() => setReferring(false)}
        />
      )}
    </DetailPage>
  )
}
