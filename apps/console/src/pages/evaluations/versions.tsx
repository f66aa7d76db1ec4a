import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import {
  linkColumn,
  memberColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import type { ColumnOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { evaluationTones } from './evaluation-tones.js'

const columns: readonly ColumnOf<'/api/v1/evaluations/{evaluationId}/versions'>[] = [
  linkColumn(
    'version',
    'Version',
    ({ version }) => `Version ${String(version)}`,
    ({ id }) => `/evaluations/versions/${id}`,
    { sort: 'version' },
  ),
  stateColumn('state', 'State', ({ state }) => state, evaluationTones, { sort: 'state' }),
  textColumn('points', 'Points', ({ maxPoints }) => maxPoints, { align: 'right' }),
  timeColumn('created', 'Started', ({ createdAt }) => createdAt, { sort: 'createdAt' }),
  timeColumn('published', 'Published', ({ publishedAt }) => publishedAt, { sort: 'publishedAt' }),
  memberColumn('by', 'Published by', ({ publishedBy }) => publishedBy, { isOptional: true }),
]

/** Versions of an evaluation, the newest first. */
export function Versions({
  evaluationId,
  mayDraft,
}: {
  readonly evaluationId: string
  readonly mayDraft: boolean
}): ReactNode {
  const list = useList('/api/v1/evaluations/{evaluationId}/versions', {
    columns,
    path: { evaluationId },
  })
  return (
    <ListPage
      title="Versions"
      description="A published version stays as it is; what changes is the next one."
      order={2}
      list={list}
      columns={columns}
      keyOf={({ id }) => id}
      actions={
        mayDraft && (
          <Button
            renderRoot={(props) => (
              <Link {...props} to="/evaluations/$evaluationId/draft" params={{ evaluationId }} />
            )}
          >
            Write a version
          </Button>
        )
      }
      empty={{
        title: 'No version that you may see',
        text: 'Drafts are shown to those who see all rows of the org unit.',
      }}
    />
  )
}
