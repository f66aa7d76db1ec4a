import type { ReactNode } from 'react'
import { nameOfMember } from '../../directory/use-members.js'
import { useOrgUnitFilter } from '../../directory/use-org-units.js'
import type { Column } from '../../lists/column.js'
import { linkColumn, stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ItemOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { memberRoles, roleName } from './member-roles.js'

type Member = ItemOf<'/api/v1/members'>

const columns: readonly Column<Member>[] = [
  linkColumn('name', 'Name', nameOfMember, ({ userId }) => `/members/${userId}`),
  textColumn('email', 'E-mail', ({ email }) => email),
  textColumn('role', 'Role', ({ role }) => roleName(role)),
  stateColumn('status', 'Status', ({ status }) => status),
  textColumn('title', 'Job title', ({ jobTitle }) => jobTitle),
  textColumn(
    'units',
    'Works in',
    ({ places }) => places.map(({ name }) => name).join(', ') || null,
  ),
  timeColumn('since', 'Member since', ({ createdAt }) => createdAt, { isOptional: true }),
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
