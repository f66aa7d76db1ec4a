import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { OrgUnitName } from '../../directory/org-unit-name.js'
import { ConfirmModal } from '../../forms/confirm-modal.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { changeFields, withRatio } from './evaluation-fields.js'
import { Versions } from './versions.js'

/** One evaluation with its versions. */
export function Page(): ReactNode {
  const path = { evaluationId: useParam('evaluationId') }
  const { data: evaluation, error } = useQueries().useQuery(
    'get',
    '/api/v1/evaluations/{evaluationId}',
    { params: { path } },
  )
  const mayWrite = useMay('evaluations.write')
  const { fetch } = useApi()
  const action = useAction()
  const [open, setOpen] = useState<'edit' | 'archive' | null>(null)
  if (error !== null) return <ObjectProblem error={error} what="evaluation" />
  if (evaluation === undefined) return <Loading />
  const isLive = evaluation.archivedAt === null
  return (
    <DetailPage
      list={{ to: '/evaluations', title: 'Evaluations' }}
      title={evaluation.title}
      badge={isLive ? undefined : <StateBadge state="archived" />}
      actions={
        mayWrite &&
        isLive && (
          <>
            <Button variant="default" onClick={() => setOpen('edit')}>
              Edit
            </Button>
            <Button variant="default" onClick={() => setOpen('archive')}>
              Archive …
            </Button>
          </>
        )
      }
    >
      <Facts
        facts={[
          ['Kind', evaluation.kind],
          ['Short name', evaluation.slug],
          ['Passed from', `${String(Math.round(evaluation.passRatio * 100))} % of the points`],
          ['Org unit', <OrgUnitName key="unit" id={evaluation.orgUnitId} />],
          ['Created by', <MemberName key="by" id={evaluation.createdBy} />],
          ['Created', <Time key="created" at={evaluation.createdAt} />],
          ['Archived', <Time key="archived" at={evaluation.archivedAt} />],
        ]}
      />
      <Versions evaluationId={evaluation.id} mayDraft={mayWrite && isLive} />
      {open === 'edit' && (
        <FormModal
          title="Edit the evaluation"
          fields={changeFields(evaluation)}
          submit="Save"
          onSubmit={(values) =>
            action.run(
              fetch.PATCH('/api/v1/evaluations/{evaluationId}', {
                params: { path },
                body: withRatio(values) as never,
              }),
              'The evaluation was changed.',
            )
          }
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'archive' && (
        <ConfirmModal
          title="Archive this evaluation?"
          name={evaluation.title}
          confirm="Archive"
          onConfirm={() =>
            action.run(
              fetch.POST('/api/v1/evaluations/{evaluationId}/archive', { params: { path } }),
              'The evaluation was archived.',
            )
          }
          onClose={() => setOpen(null)}
        >
          Nothing new can be assigned of it. What was handed in stays.
        </ConfirmModal>
      )}
    </DetailPage>
  )
}
