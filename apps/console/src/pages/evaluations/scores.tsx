import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import type { Column } from '../../lists/column.js'
import { memberColumn, textColumn, timeColumn } from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { wholeList } from '../../lists/whole-list.js'
import { useMay, useSession } from '../../session/session.js'
import type { Question } from './answer-field.js'

type Score =
  operations['listScores']['responses'][200]['content']['application/json']['items'][number]

const columns: readonly Column<Score>[] = [
  textColumn('version', 'Version', ({ version }) => version),
  textColumn(
    'points',
    'Points',
    ({ points, maxPoints }) => `${String(points)} of ${String(maxPoints)}`,
    {
      align: 'right',
    },
  ),
  textColumn('breakdown', 'By question', ({ breakdown }) => breakdownText(breakdown)),
  memberColumn('by', 'Scored by', ({ scoredBy }) => scoredBy),
  timeColumn('at', 'Scored', ({ scoredAt }) => scoredAt),
]

/** Scores of a submission; the one that counts is the first. */
export function Scores({
  submissionId,
  submittedBy,
  questions,
}: {
  readonly submissionId: string
  readonly submittedBy: string | null
  readonly questions: readonly Question[]
}): ReactNode {
  const params = { path: { submissionId } }
  const query = useQueries().useQuery('get', '/api/v1/submissions/{submissionId}/scores', {
    params,
  })
  const list = wholeList(query)
  const { session } = useSession()
  const mayScore = useMay('evaluations.score') && submittedBy !== session.user.id
  const { fetch } = useApi()
  const action = useAction()
  const [isScoring, setScoring] = useState(false)
  const texts = questions.filter(({ kind }) => kind === 'text')
  return (
    <>
      <ListPage
        title="Scores"
        order={2}
        description="The first counts; earlier ones stay to be seen."
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        actions={
          mayScore &&
          query.data !== undefined && <Button onClick={() => setScoring(true)}>Score …</Button>
        }
        empty={{
          title: 'Not scored yet',
          text: 'Choices are scored at once; texts wait for a person.',
        }}
      />
      {isScoring && (
        <FormModal
          title="Score the texts"
          submit="Score"
          fields={texts.map(({ key, text, points }) => ({
            name: key,
            label: text.length > 120 ? `${text.slice(0, 120)} …` : text,
            help: `${key}, 0 to ${String(points)} points`,
            kind: 'number',
            isRequired: true,
          }))}
          onSubmit={(values) =>
            action.run(
              fetch.POST('/api/v1/submissions/{submissionId}/scores', {
                params,
                body: {
                  afterVersion: list.items[0]?.version ?? 0,
                  points: Object.entries(values).map(([question, points]) => ({
                    question,
                    points: Number(points),
                  })),
                },
              }),
              'The submission was scored.',
            )
          }
          onClose={() => setScoring(false)}
        >
          <Text size="sm">Choices are scored by their right answers.</Text>
        </FormModal>
      )}
    </>
  )
}

function breakdownText(breakdown: Score['breakdown']): string | null {
  if (breakdown === null) return null
  return Object.entries(breakdown)
    .map(([question, points]) => `${question}: ${String(points)}`)
    .join(', ')
}
