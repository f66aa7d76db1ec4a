import type { ReactNode } from 'react'
import { nameOfMember } from '../../directory/use-members.js'
import { useOrgUnitFilter } from '../../directory/use-org-units.js'
import { linkColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { memberRoles, roleName } from './member-roles.js'

const columns: readonly ColumnOf<'/api/v1/members'>[] = [
  linkColumn('name', 'Name', nameOfMember, ({ userId }) => `/members/${userId}`, {
    sort: 'displayName',
  }),
  textColumn('email', 'E-mail', ({ email }) => email, { sort: 'email' }),
  textColumn('role', 'Role', ({ role }) => roleName(role), { sort: 'role' }),
  stateColumn('status', 'Status', ({ status }) => status, {}, { sort: 'status' }),
  textColumn('title', 'Job title', ({ jobTitle }) => jobTitle, { sort: 'jobTitle' }),
  textColumn(
    'units',
    'Works in',
    ({ places }) => places.map(({ name }) => name).join(', ') || null,
  ),
  timeColumn('since', 'Member since', ({ createdAt }) => createdAt, {
    sort: 'createdAt',
    isOptional: true,
  }),
]

const filters: readonly Filter[] = [
  { kind: 'text', param: 'search', label: 'Search' },
  {
    kind: 'choice',
    param: 'status',
    label: 'Status',
    options: options('active', 'suspended', 'revoked'),
  },
  { kind: 'choice', param: 'role', label: 'Role', options: memberRoles },
]

/** Members that the caller sees. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const list = useList('/api/v1/members', {
    columns,
    query: pick(values, ['search', 'status', 'role', 'orgUnitId']),
  })
  const orgUnitFilter = useOrgUnitFilter()
  return (
    <ListPage
      title="Members"
      description="Who belongs to this tenant, of the org units that you see. New ones come by invitation."
      list={list}
      columns={columns}
      filters={[...filters, ...orgUnitFilter]}
      keyOf={({ userId }) => userId}
      empty={{
        title: 'No members in sight',
        text: 'Members of org units that you do not work in are not shown here.',
      }}
    />
  )
}
