import type { ReactNode } from 'react'
import { memberColumn, orgUnitColumn, textColumn, timeColumn } from '../../lists/columns.js'
import type { Filter } from '../../lists/filter.js'
import { ListPage } from '../../lists/list-page.js'
import { startOfDay } from '../../lists/start-of-day.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useUrlValues } from '../../lists/use-url-values.js'

type Entry = ItemOf<'/api/v1/evaluation-ledger'>

const kinds = [
  'evaluation.created',
  'evaluation.changed',
  'evaluation.archived',
  'version.drafted',
  'version.changed',
  'version.published',
  'version.withdrawn',
  'assignment.created',
  'assignment.cancelled',
  'session.started',
  'session.expired',
  'submission.received',
  'score.recorded',
  'correction.proposed',
  'correction.approved',
  'correction.rejected',
] as const satisfies readonly Entry['kind'][]

const filters: readonly Filter[] = [
  {
    kind: 'choice',
    param: 'kind',
    label: 'What',
    options: kinds.map((value) => ({ value, label: value })),
  },
  { kind: 'date', param: 'from', label: 'From' },
  { kind: 'date', param: 'until', label: 'Until' },
  { kind: 'text', param: 'subjectId', label: 'Id of the object' },
]

const columns: readonly ColumnOf<'/api/v1/evaluation-ledger'>[] = [
  textColumn('sequence', 'No.', ({ sequence }) => sequence, { sort: 'sequence', align: 'right' }),
  timeColumn('at', 'When', ({ occurredAt }) => occurredAt),
  textColumn('kind', 'What', ({ kind }) => kind),
  memberColumn('actor', 'Who', ({ actorId }) => actorId),
  orgUnitColumn('unit', 'Org unit', ({ orgUnitId }) => orgUnitId),
  textColumn('payload', 'Details', ({ payload }) => payloadText(payload)),
  textColumn('subject', 'Object', ({ subjectId }) => subjectId, { isOptional: true }),
]

/** What happened to evaluations of the org units in scope, the last first; nothing is ever changed. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const { kind, subjectId, from, until } = values
  const list = useList('/api/v1/evaluation-ledger', {
    columns,
    query: { kind, subjectId, from: startOfDay(from), until: startOfDay(until, 1) },
  })
  return (
    <ListPage
      title="Ledger"
      description="Every step of every evaluation in the org units that you see. Entries are only ever added."
      list={list}
      columns={columns}
      filters={filters}
      keyOf={({ id }) => id}
      empty={{
        title: 'Nothing has happened in the org units that you see',
        text: 'Entries come with the first evaluation.',
      }}
    />
  )
}

function payloadText(payload: Entry['payload']): string | null {
  const facts = Object.entries(payload ?? {}).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return facts.join(', ') || null
}
