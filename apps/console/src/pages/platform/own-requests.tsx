import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { ItemOf } from '../../lists/use-list.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'

type Request = ItemOf<'/api/v1/organization-requests'>

const fields: readonly Field[] = [
  {
    name: 'organizationName',
    label: 'Name of the organisation',
    kind: 'text',
    isRequired: true,
    maxLength: 200,
  },
  {
    name: 'slug',
    label: 'Name in the address',
    help: 'Lower-case letters, digits and hyphens.',
    kind: 'text',
    isRequired: true,
    maxLength: 63,
  },
  { name: 'message', label: 'What you want it for', kind: 'textarea', maxLength: 2000 },
]

/**
 * Asks for an organisation of one's own, and shows what came of it. It stands outside of every place,
 * where there is no router and no address that would hold a list's order.
 */
export function OwnRequests(): ReactNode {
  const list = useQueries().useQuery('get', '/api/v1/organization-requests', {
    params: { query: { limit: 100 } },
  })
  const requests = list.data?.items ?? []
  const { fetch } = useApi()
  const action = useAction()
  const [isAsking, setAsking] = useState(false)
  const [withdrawn, setWithdrawn] = useState<Request | null>(null)
  const isWaiting = requests.some(({ status }) => status === 'pending')
  return (
    <Stack component="section" aria-labelledby="requests">
      <Title order={2} size="h4" id="requests">
        An organisation of your own
      </Title>
      {list.isLoading && <Loading />}
      {list.error !== null && (
        <PageProblem error={list.error} onRetry={() => void list.refetch()} />
      )}
      {requests.map((request) => (
        <Card key={request.id} withBorder padding="sm">
          <Group justify="space-between">
            <Text fw={600}>{request.organizationName}</Text>
            <StateBadge state={request.status} />
          </Group>
          <Text size="sm">
            Asked <Time at={request.createdAt} />
          </Text>
          {request.decisionNote !== null && <Text size="sm">{request.decisionNote}</Text>}
          {request.status === 'pending' && (
            <Group mt="xs">
              <Button size="compact-sm" variant="default" onClick={() => setWithdrawn(request)}>
                Take back …
              </Button>
            </Group>
          )}
        </Card>
      ))}
      {list.data !== undefined && !isWaiting && (
        <Group>
          <Button onClick={() => setAsking(true)}>Ask for an organisation</Button>
        </Group>
      )}
      {isAsking && (
        <FormModal
          title="Ask for an organisation"
          fields={fields}
          submit="Ask"
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/organization-requests', { body: body as never }),
              'You have asked; the answer comes by mail.',
            )
          }
          onClose={() => setAsking(false)}
        />
      )}
      {withdrawn !== null && (
        <ConfirmModal
          title="Take this request back?"
          name={withdrawn.organizationName}
          confirm="Take back"
          onConfirm={() =>
            action.run(
              fetch.DELETE('/api/v1/organization-requests/{requestId}', {
                params: { path: { requestId: withdrawn.id } },
              }),
              'The request was taken back.',
            )
          }
          onClose={() => setWithdrawn(null)}
        >
          You can ask again.
        </ConfirmModal>
      )}
    </Stack>
  )
}
