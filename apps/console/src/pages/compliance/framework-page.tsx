import { Anchor, Breadcrumbs, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { Time } from '../../details/time.js'
import { MemberPicker } from '../../directory/member-picker.js'
import {
  linkColumn,
  memberColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useParam } from '../../lists/use-param.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { controlStates } from './control-states.js'
import { freshnessOf } from './due.js'
import { FreshnessBadge } from './freshness-badge.js'
import { useLastCollected } from './use-last-collected.js'

const path = '/api/v1/frameworks/{frameworkId}/status'

type Column = ColumnOf<typeof path>

const columns: readonly Column[] = [
  linkColumn(
    'code',
    'Control',
    ({ code }) => code,
    ({ controlId }) => `/compliance/controls/${controlId}`,
    { sort: 'code' },
  ),
  textColumn('title', 'Title', ({ title }) => title, { sort: 'title' }),
  stateColumn('state', 'Status', ({ state }) => state, {}, { sort: 'state' }),
  memberColumn('owner', 'Owner', ({ ownerId }) => ownerId),
  timeColumn('reviewed', 'Reviewed', ({ reviewedAt }) => reviewedAt, {
    isOptional: true,
    sort: 'reviewedAt',
  }),
  textColumn('evidence', 'Evidence', ({ evidenceCount }) => evidenceCount, {
    align: 'right',
    sort: 'evidenceCount',
  }),
]

function dueOf(collectedAt: string | null, freshDays: number): string | null {
  return collectedAt === null ? null : freshnessOf(collectedAt, freshDays, Date.now()).dueAt
}

/** Controls of a framework with where the tenant stands. */
export function Page(): ReactNode {
  const frameworkId = useParam('frameworkId')
  const [values] = useUrlValues()
  const { data } = useQueries().useQuery('get', '/api/v1/compliance')
  const framework = data?.frameworks.find((each) => each.frameworkId === frameworkId)
  const list = useList(path, {
    columns,
    path: { frameworkId },
    query: pick(values, ['state', 'ownerId']),
  })
  const lastCollected = useLastCollected()
  const filters: readonly Filter[] = [
    { kind: 'choice', param: 'state', label: 'Status', options: controlStates },
    { kind: 'pick', param: 'ownerId', label: 'Owner', picker: MemberPicker },
  ]
  const evidenceColumns: readonly Column[] =
    lastCollected === undefined
      ? []
      : [
          timeColumn('collected', 'Last collected', ({ controlId }) => lastCollected(controlId)),
          {
            id: 'due',
            header: 'Next due',
            value: ({ controlId, freshDays }) => dueOf(lastCollected(controlId), freshDays),
            cell: ({ controlId, freshDays }) => {
              const at = lastCollected(controlId)
              return (
                <Stack gap={2} align="flex-start">
                  {at !== null && <Time at={dueOf(at, freshDays)} />}
                  <FreshnessBadge collectedAt={at} freshDays={freshDays} isShort />
                </Stack>
              )
            },
          },
        ]
  const title = framework === undefined ? 'Controls' : `${framework.code} controls`
  return (
    <Stack>
      <Breadcrumbs>
        <Anchor renderRoot={(props) => <Link {...props} to="/compliance" />} size="sm">
          Compliance
        </Anchor>
        <Text size="sm" c="dimmed">
          {framework?.title ?? 'Framework'}
        </Text>
      </Breadcrumbs>
      <ListPage
        title={title}
        description="Where this tenant stands with each control. Evidence is due anew when the days are over that its control says, 90 by default."
        list={list}
        columns={[...columns, ...evidenceColumns]}
        filters={filters}
        keyOf={({ controlId }) => controlId}
        empty={{
          title: 'No controls',
          text: 'The framework has no controls, or there is no such framework.',
        }}
      />
    </Stack>
  )
}
