import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import type { FormValues } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { withCleared } from '../../forms/with-cleared.js'
import type { Column } from '../../lists/column.js'
import { textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { wholeList } from '../../lists/whole-list.js'
import { useMay } from '../../session/session.js'
import type { Event } from './event-fields.js'
import { priceText } from './price.js'
import type { TicketType } from './ticket-type-fields.js'
import { ticketTypeBody, ticketTypeFields } from './ticket-type-fields.js'

type Open =
  { readonly kind: 'add' } | { readonly kind: 'edit' | 'archive'; readonly ticketType: TicketType }

/** Ticket types of an event, hidden and archived ones included. */
export function TicketTypesTab({ event }: { readonly event: Event }): ReactNode {
  const params = { path: { eventId: event.id } }
  const list = wholeList(
    useQueries().useQuery('get', '/api/v1/events/{eventId}/ticket-types', { params }),
  )
  const mayWrite = useMay('events.write')
  const isLive = event.status === 'draft' || event.status === 'published'
  const [open, setOpen] = useState<Open | null>(null)
  const columns: readonly Column<TicketType>[] = [
    textColumn('name', 'Name', ({ name }) => name),
    {
      id: 'price',
      header: 'Price',
      align: 'right',
      value: ({ priceCents }) => priceCents / 100,
      cell: (ticketType) => priceText(ticketType),
    },
    {
      id: 'sold',
      header: 'Sold',
      align: 'right',
      value: ({ sold }) => sold,
      cell: ({ sold, quantity }) => `${String(sold)} of ${String(quantity)}`,
    },
    timeColumn('from', 'On sale from', ({ salesFrom }) => salesFrom),
    timeColumn('until', 'Until', ({ salesUntil }) => salesUntil),
    textColumn('state', 'State', stateOf),
    ...(mayWrite && isLive
      ? [
          {
            id: 'actions',
            header: 'Actions',
            cell: (ticketType: TicketType) =>
              ticketType.archivedAt === null && (
                <Group gap="xs" wrap="nowrap">
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Edit ${ticketType.name}`}
                    onClick={() => setOpen({ kind: 'edit', ticketType })}
                  >
                    Edit
                  </Button>
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Archive ${ticketType.name}`}
                    onClick={() => setOpen({ kind: 'archive', ticketType })}
                  >
                    Archive …
                  </Button>
                </Group>
              ),
          },
        ]
      : []),
  ]
  return (
    <>
      <ListPage
        title="Ticket types"
        order={2}
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        actions={
          mayWrite &&
          isLive && <Button onClick={() => setOpen({ kind: 'add' })}>Add a ticket type</Button>
        }
        empty={{ title: 'No ticket types yet', text: 'Nobody can register without one.' }}
      />
      {open !== null && (
        <TicketTypeDialogue eventId={event.id} open={open} onClose={() => setOpen(null)} />
      )}
    </>
  )
}

function TicketTypeDialogue({
  eventId,
  open,
  onClose,
}: {
  readonly eventId: string
  readonly open: Open
  readonly onClose: () => void
}): ReactNode {
  const { fetch } = useApi()
  const action = useAction()
  if (open.kind === 'add') {
    return (
      <FormModal
        title="Add a ticket type"
        fields={ticketTypeFields()}
        submit="Add"
        onSubmit={(values) =>
          action.run(
            fetch.POST('/api/v1/events/{eventId}/ticket-types', {
              params: { path: { eventId } },
              body: ticketTypeBody(values) as never,
            }),
            'The ticket type was added.',
          )
        }
        onClose={onClose}
      />
    )
  }
  const { id: ticketTypeId, name, sold } = open.ticketType
  const params = { path: { ticketTypeId } }
  if (open.kind === 'edit') {
    const changed = (values: FormValues): object =>
      withCleared(
        withCleared(ticketTypeBody(values), ['description'], ''),
        ['salesFrom', 'salesUntil'],
        null,
      )
    return (
      <FormModal
        title="Edit the ticket type"
        fields={ticketTypeFields(open.ticketType)}
        submit="Save"
        onSubmit={(values) =>
          action.run(
            fetch.PATCH('/api/v1/ticket-types/{ticketTypeId}', {
              params,
              body: changed(values) as never,
            }),
            'The ticket type was changed.',
          )
        }
        onClose={onClose}
      />
    )
  }
  return (
    <ConfirmModal
      title="Archive this ticket type?"
      name={name}
      confirm="Archive"
      onConfirm={() =>
        action.run(
          fetch.POST('/api/v1/ticket-types/{ticketTypeId}/archive', { params }),
          'The ticket type was archived.',
        )
      }
      onClose={onClose}
    >
      It is off sale for good. {sold} were sold, and stay valid.
    </ConfirmModal>
  )
}

function stateOf({ archivedAt, isHidden, sold, quantity }: TicketType): string {
  if (archivedAt !== null) return 'archived'
  if (isHidden) return 'hidden'
  return sold >= quantity ? 'sold out' : 'on sale'
}
