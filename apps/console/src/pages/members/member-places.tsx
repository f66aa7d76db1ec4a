import { Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { nameOfMember } from '../../directory/use-members.js'
import { OrgUnitPicker } from '../../directory/org-unit-picker.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useMayChange } from '../../session/session.js'

type Member = ItemOf<'/api/v1/members'>

const path = '/api/v1/members/{userId}/org-units/{orgUnitId}'

/** The org units that a member works in. */
export function MemberPlaces({ member }: { readonly member: Member }): ReactNode {
  const { userId, places, role, status } = member
  const mayWrite = useMayChange('members.write') && status !== 'revoked'
  const [isAdding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<Member['places'][number] | null>(null)
  const { fetch } = useApi()
  const action = useAction()
  return (
    <Stack component="section" gap="xs" aria-label="Org units">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Org units
        </Title>
        {mayWrite && (
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            Let them work in an org unit
          </Button>
        )}
      </Group>
      {role === 'tenant_admin' && (
        <Text size="sm" c="dimmed">
          A tenant admin sees all org units.
        </Text>
      )}
      {places.length > 0 && (
        <Table aria-label="Org units of the member">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Org unit</Table.Th>
              <Table.Th>Scope</Table.Th>
              {mayWrite && <Table.Th ta="right">Actions</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {places.map((place) => (
              <Table.Tr key={place.orgUnitId}>
                <Table.Td>{place.name}</Table.Td>
                <Table.Td>{place.scope === 'unit' ? 'alone' : 'with all below it'}</Table.Td>
                {mayWrite && (
                  <Table.Td ta="right">
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={`Remove ${place.name}`}
                      onClick={() => setRemoved(place)}
                    >
                      Remove …
                    </Button>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {places.length === 0 && role !== 'tenant_admin' && (
        <Text size="sm">They work in no org unit that you see.</Text>
      )}
      {isAdding && (
        <FormModal
          title={`Where ${nameOfMember(member)} works`}
          submit="Save"
          fields={[
            {
              name: 'orgUnitId',
              label: 'Org unit',
              kind: 'pick',
              isRequired: true,
              picker: OrgUnitPicker,
            },
            {
              name: 'scope',
              label: 'Scope',
              kind: 'choice',
              isRequired: true,
              options: [
                { value: 'unit', label: 'alone' },
                { value: 'subtree', label: 'with all below it' },
              ],
            },
          ]}
          onSubmit={({ orgUnitId, scope }) =>
            action.run(
              fetch.PUT(path, {
                params: { path: { userId, orgUnitId: String(orgUnitId) } },
                body: { scope: scope === 'subtree' ? 'subtree' : 'unit' },
              }),
              'The org unit was added.',
            )
          }
          onClose={() => setAdding(false)}
        />
      )}
      {removed !== null && (
        <ConfirmModal
          title="Remove this org unit?"
          name={removed.name}
          confirm="Remove"
          onConfirm={() =>
            action.run(
              fetch.DELETE(path, { params: { path: { userId, orgUnitId: removed.orgUnitId } } }),
              'The org unit was removed.',
            )
          }
          onClose={() => setRemoved(null)}
        >
          {nameOfMember(member)} does not work in it any more, and sees nothing of it from now on.
        </ConfirmModal>
      )}
    </Stack>
  )
}
