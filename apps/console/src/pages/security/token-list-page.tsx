import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useApi } from '../../api/client.js'
import { useOrgUnitField } from '../../directory/use-org-units.js'
import type { Field } from '../../forms/field.js'
import { useAction } from '../../forms/use-action.js'
import { useMakeAndEnd } from '../../forms/use-make-and-end.js'
import {
  memberColumn,
  orgUnitColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'

type Token = ItemOf<'/api/v1/enrolment-tokens'>

function stateOf({ revokedAt, expiresAt, uses, maxUses }: Token): string {
  if (revokedAt !== null) return 'revoked'
  if (Date.parse(expiresAt) <= Date.now()) return 'expired'
  return uses >= maxUses ? 'used up' : 'usable'
}

const columns: readonly ColumnOf<'/api/v1/enrolment-tokens'>[] = [
  textColumn('label', 'Label', ({ label }) => label, { sort: 'label' }),
  stateColumn('state', 'State', stateOf, { usable: 'good' }),
  textColumn('uses', 'Uses', ({ uses, maxUses }) => `${String(uses)} of ${String(maxUses)}`),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId),
  memberColumn('by', 'Made by', ({ createdBy }) => createdBy, { isOptional: true }),
  timeColumn('created', 'Made', ({ createdAt }) => createdAt, {
    sort: 'createdAt',
    isOptional: true,
  }),
  timeColumn('expires', 'Ends', ({ expiresAt }) => expiresAt, { sort: 'expiresAt' }),
]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'usable',
    label: 'State',
    options: [
      { value: 'true', label: 'usable' },
      { value: 'false', label: 'ended' },
    ],
  },
]

const fields: readonly Field[] = [
  { name: 'label', label: 'Label', kind: 'text', isRequired: true, maxLength: 200 },
  {
    name: 'maxUses',
    label: 'Machines',
    kind: 'number',
    initial: '1',
    help: 'How many can enrol with it, 1000 at most.',
  },
  {
    name: 'lifetimeHours',
    label: 'Hours',
    kind: 'number',
    initial: '24',
    help: 'How long it can be used, 2160 hours (90 days) at most.',
  },
]

/** Enrolment tokens of the org units in scope. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/enrolment-tokens', { columns, query: pick(values, ['usable']) })
  const mayWrite = useMay('enrolment.write')
  const orgUnitField = useOrgUnitField()
  const { fetch } = useApi()
  const action = useAction()
  const tokens = useMakeAndEnd<Token>({
    make: {
      title: 'Make an enrolment token',
      fields: [...fields, ...orgUnitField],
      submit: 'Make',
      secretTitle: 'Secret of the token',
      async onSubmit(body) {
        const made = await action.run(
          fetch.POST('/api/v1/enrolment-tokens', { body: body as never }),
          'The token was made.',
        )
        return made?.secret
      },
    },
    end: {
      title: 'Revoke this token?',
      nameOf: ({ label }) => label,
      confirm: 'Revoke',
      text: 'No machine can enrol with it any more. Assets that enrolled with it stay.',
      onConfirm: ({ id: tokenId }) =>
        action.run(
          fetch.POST('/api/v1/enrolment-tokens/{tokenId}/revoke', {
            params: { path: { tokenId } },
          }),
          'The token was revoked.',
        ),
    },
  })
  const withActions = mayWrite
    ? [...columns, tokens.endColumn((token) => stateOf(token) === 'usable')]
    : columns
  return (
    <>
      <ListPage
        title="Enrolment tokens"
        description="What machines enrol themselves with. The assets still wait for approval; secrets are shown once and never again."
        list={list}
        columns={withActions}
        filters={filters}
        keyOf={({ id }) => id}
        actions={mayWrite && <Button onClick={tokens.startMaking}>Make a token</Button>}
        empty={{
          title: 'No enrolment tokens in the org units that you see',
          text: 'Make one to let machines enter themselves as assets.',
        }}
      />
      {tokens.dialogues}
    </>
  )
}
