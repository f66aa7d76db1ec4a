import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Tone } from '../../details/status.js'
import { Status } from '../../details/status.js'
import { Time } from '../../details/time.js'
import type { Column } from '../../lists/column.js'
import { ListPage } from '../../lists/list-page.js'
import type { List } from '../../lists/use-list.js'
import type { Run } from './run-totals.js'

const tones: Readonly<Record<string, Tone>> = {
  holds: 'good',
  findings: 'bad',
  incomplete: 'waiting',
  failed: 'bad',
}

const columns: readonly Column<Run>[] = [
  {
    id: 'at',
    header: 'Asked for',
    value: ({ requestedAt }) => requestedAt,
    cell: ({ id, requestedAt }) => (
      <Anchor
        size="sm"
        renderRoot={(props) => <Link {...props} to="/isolation" search={{ run: id } as never} />}
      >
        <Time at={requestedAt} />
      </Anchor>
    ),
  },
  {
    id: 'result',
    header: 'Result',
    value: ({ result, status }) => result ?? status,
    cell: ({ result, status }) => (
      <Status text={result ?? status} tone={tones[result ?? status] ?? 'ended'} />
    ),
  },
  {
    id: 'proven',
    header: 'Proven',
    align: 'right',
    value: ({ totals }) => totals.proven,
    cell: ({ totals }) => totals.proven,
  },
  {
    id: 'leaking',
    header: 'Leaking',
    align: 'right',
    value: ({ totals }) => totals.leaking,
    cell: ({ totals }) => totals.leaking,
  },
  {
    id: 'unknown',
    header: 'Not proven',
    align: 'right',
    value: ({ totals }) => totals.unknown,
    cell: ({ totals }) => totals.unknown,
  },
  {
    id: 'changed',
    header: 'Changed',
    align: 'right',
    value: ({ changed }) => changed,
    cell: ({ changed }) => changed,
  },
  {
    id: 'took',
    header: 'Seconds',
    align: 'right',
    isOptional: true,
    value: ({ durationSeconds }) => durationSeconds,
    cell: ({ durationSeconds }) => durationSeconds?.toFixed(1) ?? '—',
  },
]

/** Runs, newest first; each is opened in the same page. */
export function RunHistory({ runs }: { readonly runs: List<Run> }): ReactNode {
  return (
    <ListPage
      title="Runs"
      order={2}
      urlKey="r"
      list={runs}
      columns={columns}
      keyOf={({ id }) => id}
      empty={{ title: 'There are no runs', text: 'Platform staff start them.' }}
    />
  )
}
