import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import {
  actionColumn,
  memberColumn,
  stateColumn,
  textColumn,
  timeColumn,
} from '../../lists/columns.js'
import { ListPage } from '../../lists/list-page.js'
import { RowActions } from '../../lists/row-actions.js'
import type { ColumnOf, ItemOf } from '../../lists/use-list.js'
import { useList } from '../../lists/use-list.js'
import { useMay, useSession } from '../../session/session.js'
import { evaluationTones } from './evaluation-tones.js'

type Correction = ItemOf<'/api/v1/submissions/{submissionId}/corrections'>

interface Decision {
  readonly correction: Correction
  readonly outcome: 'approved' | 'rejected'
}

const columns: readonly ColumnOf<'/api/v1/submissions/{submissionId}/corrections'>[] = [
  textColumn('delta', 'Points', ({ pointsDelta }) => signed(pointsDelta), { align: 'right' }),
  textColumn('score', 'On score', ({ scoreVersion }) => scoreVersion, { isOptional: true }),
  textColumn('reason', 'Reason', ({ reason }) => reason),
  stateColumn('state', 'State', ({ state }) => state, evaluationTones),
  memberColumn('by', 'Proposed by', ({ correctedBy }) => correctedBy),
  timeColumn('at', 'Proposed', ({ correctedAt }) => correctedAt, { sort: 'correctedAt' }),
  memberColumn('decided', 'Decided by', ({ decidedBy }) => decidedBy),
]

/** Corrections of a score: one person proposes, a second decides. */
export function Corrections({
  submissionId,
  submittedBy,
}: {
  readonly submissionId: string
  readonly submittedBy: string | null
}): ReactNode {
  const path = { submissionId }
  const list = useList('/api/v1/submissions/{submissionId}/corrections', { columns, path })
  const { data: scores } = useQueries().useQuery(
    'get',
    '/api/v1/submissions/{submissionId}/scores',
    { params: { path } },
  )
  const { session } = useSession()
  const mayScore = useMay('evaluations.score') && submittedBy !== session.user.id
  const { fetch } = useApi()
  const action = useAction()
  const [isProposing, setProposing] = useState(false)
  const [decision, setDecision] = useState<Decision | null>(null)
  const scoreVersion = scores?.items[0]?.version
  const decide = (correction: Correction): ReactNode =>
    correction.state === 'proposed' &&
    correction.correctedBy !== session.user.id && (
      <RowActions>
        <Button size="compact-sm" onClick={() => setDecision({ correction, outcome: 'approved' })}>
          Approve …
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => setDecision({ correction, outcome: 'rejected' })}
        >
          Reject …
        </Button>
      </RowActions>
    )
  return (
    <>
      <ListPage
        title="Corrections"
        order={2}
        description="They are added to the score and never replace it; a second person decides."
        list={list}
        columns={mayScore ? [...columns, actionColumn(decide)] : columns}
        keyOf={({ id }) => id}
        actions={
          mayScore &&
          scoreVersion !== undefined && (
            <Button onClick={() => setProposing(true)}>Propose a correction</Button>
          )
        }
        empty={{ title: 'No corrections', text: 'The score counts as it is.' }}
      />
      {isProposing && (
        <FormModal
          title="Propose a correction"
          submit="Propose"
          fields={[
            {
              name: 'pointsDelta',
              label: 'Points to add',
              help: 'Below zero takes some off.',
              kind: 'number',
              isRequired: true,
            },
            {
              name: 'reason',
              label: 'Reason',
              kind: 'textarea',
              isRequired: true,
              maxLength: 1000,
            },
          ]}
          onSubmit={(values) =>
            action.run(
              fetch.POST('/api/v1/submissions/{submissionId}/corrections', {
                params: { path },
                body: { ...values, scoreVersion } as never,
              }),
              'The correction was proposed; somebody else decides.',
            )
          }
          onClose={() => setProposing(false)}
        />
      )}
      {decision !== null && (
        <FormModal
          title={`${decision.outcome === 'approved' ? 'Approve' : 'Reject'} ${signed(decision.correction.pointsDelta)} points?`}
          submit={decision.outcome === 'approved' ? 'Approve' : 'Reject'}
          fields={[{ name: 'note', label: 'Note', kind: 'textarea', maxLength: 1000 }]}
          onSubmit={(values) =>
            action.run(
              fetch.POST('/api/v1/corrections/{correctionId}/decision', {
                params: { path: { correctionId: decision.correction.id } },
                body: { ...values, outcome: decision.outcome },
              }),
              `The correction was ${decision.outcome}.`,
            )
          }
          onClose={() => setDecision(null)}
        >
          <Text size="sm">{decision.correction.reason}</Text>
        </FormModal>
      )}
    </>
  )
}

function signed(points: number): string {
  return points > 0 ? `+${String(points)}` : String(points)
}
