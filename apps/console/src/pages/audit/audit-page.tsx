import { Alert, Button, Group, UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import { Redacted } from '../../details/redacted.js'
import { MemberName } from '../../directory/member-name.js'
import { stateColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { options, pick } from '../../lists/pick.js'
import { useList } from '../../lists/use-list.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useMay } from '../../session/session.js'
import { parseAuditSearch } from './audit-search.js'
import { EntryDrawer } from './entry-drawer.js'
import { ExportAudit } from './export-audit.js'
import { targetTypes } from './target-tables.js'
import { useActors } from './use-actors.js'
import { VerifyChain } from './verify-chain.js'
import { WhyDenied } from './why-denied.js'
import classes from './audit.module.css'

const filters: readonly Filter[] = [
  {
    kind: 'text',
    param: 'q',
    label: 'Search',
    hint: 'actor:ada action:asset.approve target:asset after:2026-01-31 text',
    isLong: true,
  },
  {
    kind: 'choice',
    param: 'outcome',
    label: 'Outcome',
    options: options('allowed', 'denied', 'failed'),
  },
  { kind: 'choice', param: 'targetType', label: 'Target', options: options(...targetTypes) },
  { kind: 'date', param: 'after', label: 'After' },
  { kind: 'date', param: 'before', label: 'Before' },
]

/** The audit log of the tenant. */
export function Page(): ReactNode {
  const [values, change] = useUrlValues()
  const dates = ['after', 'before'].flatMap((name) => {
    const value = values[name]
    return value === undefined ? [] : [`${name}:${value}`]
  })
  const search = [...dates, values['q'] ?? ''].join(' ')
  const actors = useActors(search)
  const { query, problems } = parseAuditSearch(search, actors ?? [])
  const isReady = actors !== null && problems.length === 0
  const filter = {
    ...pick(values, ['outcome', 'targetType', 'targetId', 'actorId', 'action', 'correlationId']),
    ...query,
  }
  const mayExport = useMay('audit.export')
  const columns: readonly ColumnOf<'/api/v1/audit'>[] = [
    timeColumn('at', 'Time', ({ occurredAt }) => occurredAt, { sort: 'position' }),
    {
      id: 'actor',
      header: 'Actor',
      value: ({ actorId }) => actorId,
      cell: ({ actorId }) => (
        <Redacted value={actorId === null ? null : <MemberName id={actorId} />} />
      ),
    },
    textColumn('role', 'Role', ({ actorRole }) => actorRole, { isOptional: true }),
    {
      id: 'action',
      header: 'Action',
      value: ({ action }) => action,
      cell: (entry) => (
        <UnstyledButton
          className={classes['open']}
          onClick={() => change({ entry: entry.id })}
          aria-haspopup="dialog"
        >
          {entry.action}
        </UnstyledButton>
      ),
    },
    textColumn('target', 'Target', ({ targetType }) => targetType),
    stateColumn('outcome', 'Outcome', ({ outcome }) => outcome),
    {
      id: 'why',
      header: 'Why',
      cell: (entry) => <WhyDenied entry={entry} />,
    },
    textColumn('correlation', 'Correlation', ({ correlationId }) => correlationId, {
      isOptional: true,
    }),
    textColumn('client', 'Client', ({ clientAddress }) => clientAddress, { isOptional: true }),
    textColumn('position', 'Position', ({ position }) => position, {
      align: 'right',
      isOptional: true,
    }),
  ]
  const list = useList('/api/v1/audit', { columns, query: filter, enabled: isReady })
  return (
    <>
      <ListPage
        title="Audit"
        description="What was done in this tenant, by whom, and what was refused. Each entry is chained to the one before it."
        list={list}
        columns={columns}
        filters={filters}
        keyOf={({ id }) => id}
        actions={
          <Group gap="xs" align="flex-start">
            <VerifyChain />
            {mayExport && <ExportAudit filter={filter} isReady={isReady} />}
          </Group>
        }
        empty={{
          title: 'No entries',
          text: 'Nothing was done in this tenant yet that the audit log records.',
        }}
      />
      {actors !== null && problems.length > 0 && (
        <Alert color="yellow" role="alert" title="The search cannot be read" mt="md">
          {problems.map((problem) => (
            <div key={problem}>{problem}</div>
          ))}
          <Button
            mt="sm"
            size="xs"
            variant="default"
            onClick={() => change({ q: undefined, after: undefined, before: undefined })}
          >
            Clear the search
          </Button>
        </Alert>
      )}
      <EntryDrawer id={values['entry']} onClose={() => change({ entry: undefined })} />
    </>
  )
}
