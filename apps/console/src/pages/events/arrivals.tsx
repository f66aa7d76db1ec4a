import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { useAction } from '../../forms/use-action.js'
import { memberColumn, textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useMay } from '../../session/session.js'

type CheckIn = ItemOf<'/api/v1/events/{eventId}/check-ins'>

/** Who has arrived at an event, the last first. */
export function Arrivals({ eventId }: { readonly eventId: string }): ReactNode {
  const path = { eventId }
  const nameOf = useGuestNames(eventId)
  const { fetch } = useApi()
  const action = useAction()
  const mayWrite = useMay('check_ins.write')
  const [revoked, setRevoked] = useState<CheckIn | null>(null)
  const columns: readonly ColumnOf<'/api/v1/events/{eventId}/check-ins'>[] = [
    {
      id: 'guest',
      header: 'Guest',
      value: ({ registrationId }) => nameOf(registrationId),
      cell: ({ registrationId }) => nameOf(registrationId),
    },
    timeColumn('at', 'Arrived', ({ checkedInAt }) => checkedInAt, { sort: 'checkedInAt' }),
    textColumn('gate', 'Gate', ({ gate }) => gate, { sort: 'gate' }),
    memberColumn('by', 'Let in by', ({ checkedInBy }) => checkedInBy),
    timeColumn('revoked', 'Taken back', ({ revokedAt }) => revokedAt, { sort: 'revokedAt' }),
    ...(mayWrite
      ? [
          {
            id: 'actions',
            header: 'Actions',
            cell: (checkIn: CheckIn) =>
              checkIn.revokedAt === null && (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`Take back the check-in of ${nameOf(checkIn.registrationId)}`}
                  onClick={() => setRevoked(checkIn)}
                >
                  Take back …
                </Button>
              ),
          },
        ]
      : []),
  ]
  const list = useList('/api/v1/events/{eventId}/check-ins', { columns, path })
  return (
    <>
      <ListPage
        title="Arrivals"
        order={2}
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        empty={{ title: 'Nobody has arrived yet', text: 'Guests are let in by their ticket code.' }}
      />
      {revoked !== null && (
        <ConfirmModal
          title="Take this check-in back?"
          name={nameOf(revoked.registrationId)}
          confirm="Take back"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/check-ins/{checkInId}/revoke', {
                params: { path: { checkInId: revoked.id } },
              }),
              'The check-in was taken back; the ticket is valid again.',
            )
          }
          onClose={() => setRevoked(null)}
        >
          The ticket can be used once more.
        </ConfirmModal>
      )}
    </>
  )
}

/** Names of the last hundred who registered, for those who may read them; ticket ids otherwise. */
function useGuestNames(eventId: string): (registrationId: string) => string {
  const may = useMay('registrations.read')
  const { data } = useQueries().useQuery(
    'get',
    '/api/v1/events/{eventId}/registrations',
    { params: { path: { eventId }, query: { limit: 100, state: 'confirmed' } } },
    { enabled: may },
  )
  const names = new Map(data?.items.map(({ id, attendeeName }) => [id, attendeeName]))
  return (registrationId) => names.get(registrationId) ?? `ticket ${registrationId.slice(0, 8)}`
}
