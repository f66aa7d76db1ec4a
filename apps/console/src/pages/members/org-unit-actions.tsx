import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { pathOfOrgUnit } from '../../directory/use-org-unit-path.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import type { Field } from '../../forms/field.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { OrgUnit } from './org-tree.js'
import { idsBelow } from './org-tree.js'

const naming = (unit?: OrgUnit): readonly Field[] => [
  {
    name: 'name',
    label: 'Name',
    kind: 'text',
    isRequired: true,
    maxLength: 200,
    initial: unit?.name ?? '',
  },
  {
    name: 'slug',
    label: 'Short name',
    kind: 'text',
    isRequired: true,
    maxLength: 63,
    initial: unit?.slug ?? '',
    help: 'Small letters, digits and dashes: north-site.',
  },
]

/** Make a unit below one, rename, move or archive it. */
export function OrgUnitActions({
  unit,
  units,
}: {
  readonly unit: OrgUnit
  readonly units: readonly OrgUnit[]
}): ReactNode {
  const [opened, setOpened] = useState<'create' | 'rename' | 'move' | 'archive' | null>(null)
  const close = (): void => setOpened(null)
  const { fetch } = useApi()
  const action = useAction()
  const params = { path: { orgUnitId: unit.id } }
  const taken = idsBelow(units, unit.id)
  const button = (what: NonNullable<typeof opened>, label: string): ReactNode => (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`${label} ${unit.name}`}
      onClick={() => setOpened(what)}
    >
      {label}
    </Button>
  )
  return (
    <Group gap={6}>
      {button('create', 'Add below')}
      {!unit.isHiddenRoot && (
        <>
          {button('rename', 'Rename')}
          {button('move', 'Move')}
          {button('archive', 'Archive …')}
        </>
      )}
      {opened === 'create' && (
        <FormModal
          title={`New org unit below ${unit.name}`}
          submit="Make"
          fields={naming()}
          onSubmit={(values) =>
            action.run(
              fetch.POST('/api/v1/org-units', {
                body: { ...values, parentId: unit.id } as never,
              }),
              'The org unit was made.',
            )
          }
          onClose={close}
        />
      )}
      {opened === 'rename' && (
        <FormModal
          title={`Rename ${unit.name}`}
          submit="Save"
          fields={naming(unit)}
          onSubmit={(body) =>
            action.run(
              fetch.PATCH('/api/v1/org-units/{orgUnitId}', { params, body }),
              'The org unit was renamed.',
            )
          }
          onClose={close}
        />
      )}
      {opened === 'move' && (
        <FormModal
          title={`Move ${unit.name}`}
          submit="Move"
          fields={[
            {
              name: 'parentId',
              label: 'Below',
              kind: 'choice',
              isRequired: true,
              initial: unit.parentId ?? '',
              options: units
                .filter(({ id }) => !taken.has(id))
                .map((target) => ({ value: target.id, label: pathOfOrgUnit(target) })),
            },
          ]}
          onSubmit={(body) =>
            action.run(
              fetch.POST('/api/v1/org-units/{orgUnitId}/move', { params, body: body as never }),
              'The org unit was moved.',
            )
          }
          onClose={close}
        >
          All below it moves with it. Who works in a unit above sees it from then on, and who worked
          in one above before does not any more.
        </FormModal>
      )}
      {opened === 'archive' && (
        <ConfirmModal
          title="Archive this org unit?"
          name={unit.name}
          confirm="Archive"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/org-units/{orgUnitId}/archive', { params }),
              'The org unit was archived.',
            )
          }
          onClose={close}
        >
          It cannot be taken back. The server refuses it while anything or anybody is in it.
        </ConfirmModal>
      )}
    </Group>
  )
}
