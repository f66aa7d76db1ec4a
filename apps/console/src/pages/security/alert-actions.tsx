import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import { MemberPicker } from '../../directory/member-picker.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useMay } from '../../session/session.js'

type Alert = operations['getAlert']['responses'][200]['content']['application/json']

/** What can be done with an alert in its state. */
export function AlertActions({ alert }: { readonly alert: Alert }): ReactNode {
  const mayWrite = useMay('alerts.write')
  const mayTicket = useMay('tickets.write')
  const [opened, setOpened] = useState<'assign' | 'resolve' | 'ticket' | null>(null)
  const close = (): void => setOpened(null)
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  const params = { path: { alertId: alert.id } }
  const isLive = alert.status !== 'resolved'
  return (
    <>
      {mayWrite && alert.status === 'open' && (
        <Button
          onClick={() =>
            action.start(
              () => fetch.POST('/api/v1/alerts/{alertId}/acknowledge', { params }),
              'The alert was acknowledged.',
            )
          }
        >
          Acknowledge
        </Button>
      )}
      {mayWrite && isLive && (
        <>
          <Button variant="default" onClick={() => setOpened('assign')}>
            Assign
          </Button>
          <Button variant="default" onClick={() => setOpened('resolve')}>
            Resolve
          </Button>
        </>
      )}
      {mayTicket && isLive && (
        <Button variant="default" onClick={() => setOpened('ticket')}>
          Open a ticket
        </Button>
      )}
      {opened === 'assign' && (
        <FormModal
          title="Assign the alert"
          submit="Assign"
          fields={[
            {
              name: 'userId',
              label: 'Member',
              kind: 'pick',
              picker: MemberPicker,
              help: 'Somebody who sees its org unit; nobody when left empty.',
              initial: alert.assignedTo ?? '',
            },
          ]}
          onSubmit={(values) =>
            action.run(
              fetch.POST('/api/v1/alerts/{alertId}/assign', {
                params,
                body: { userId: null, ...values },
              }),
              'The alert was assigned.',
            )
          }
          onClose={close}
        />
      )}
      {opened === 'resolve' && (
        <FormModal
          title="Resolve the alert"
          submit="Resolve"
          fields={[
            {
              name: 'note',
              label: 'What came of it',
              kind: 'textarea',
              isRequired: true,
              maxLength: 2000,
            },
          ]}
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/alerts/{alertId}/resolve', { params, body: body as never }),
              'The alert was resolved.',
            )
          }
          onClose={close}
        />
      )}
      {opened === 'ticket' && (
        <FormModal
          title="Open a ticket"
          submit="Open"
          fields={[
            {
              name: 'title',
              label: 'Title',
              kind: 'text',
              maxLength: 300,
              initial: alert.title,
              help: 'When the alert has a live ticket already, you are led to that one.',
            },
          ]}
          onSubmit={async (body) => {
            const ticket = await action.run(
              fetch.POST('/api/v1/alerts/{alertId}/ticket', { params, body }),
              'The alert has a ticket.',
            )
            if (ticket !== undefined) await navigate({ to: `/tickets/${ticket.id}` })
          }}
          onClose={close}
        />
      )}
    </>
  )
}
