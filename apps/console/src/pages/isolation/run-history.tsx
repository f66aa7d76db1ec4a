import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Tone } from '../../details/status.js'
import { Status } from '../../details/status.js'
import { Time } from '../../details/time.js'
import { timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useSession } from '../../session/session.js'
import { isolationPath } from './isolation-path.js'
import { isAnyOpen } from './open-run.js'

const tones: Readonly<Record<string, Tone>> = {
  holds: 'good',
  findings: 'bad',
  incomplete: 'waiting',
  failed: 'bad',
}

const path = '/api/v1/isolation/runs'

const columns: readonly ColumnOf<typeof path>[] = [
  {
    id: 'at',
    header: 'Asked for',
    sort: 'requestedAt',
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
    sort: 'leaking',
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
    sort: 'changed',
    align: 'right',
    value: ({ changed }) => changed,
    cell: ({ changed }) => changed,
  },
  timeColumn('finished', 'Finished', ({ finishedAt }) => finishedAt, {
    sort: 'finishedAt',
    isOptional: true,
  }),
  {
    id: 'took',
    header: 'Seconds',
    align: 'right',
    isOptional: true,
    value: ({ durationSeconds }) => durationSeconds,
    cell: ({ durationSeconds }) => durationSeconds?.toFixed(1) ?? '—',
  },
]

/** Runs, newest first unless asked otherwise; each is opened in the same page. */
export function RunHistory(): ReactNode {
  const { place } = useSession()
  const runs = useList(isolationPath(place, path), {
    columns,
    urlKey: 'r',
    pollWhile: isAnyOpen,
  })
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
