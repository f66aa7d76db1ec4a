import { Button, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { MemberPicker } from '../../directory/member-picker.js'
import { FormModal } from '../../forms/form-modal.js'
import { useAction } from '../../forms/use-action.js'
import { withCleared } from '../../forms/with-cleared.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { controlStates } from './control-states.js'
import { freshnessOf } from './due.js'
import { EvidenceList } from './evidence-list.js'
import { FreshnessBadge } from './freshness-badge.js'
import { useLastCollected } from './use-last-collected.js'

/** One control: where the tenant stands with it, and its evidence. */
export function Page(): ReactNode {
  const controlId = useParam('controlId')
  const params = { path: { controlId } }
  const { data: control, error } = useQueries().useQuery(
    'get',
    '/api/v1/controls/{controlId}/status',
    { params },
  )
  const lastCollected = useLastCollected()?.(controlId) ?? null
  const mayWrite = useMay('compliance.write')
  const mayEvidence = useMay('evidence.read')
  const [isSetting, setSetting] = useState(false)
  const { fetch } = useApi()
  const action = useAction()
  if (error !== null) return <ObjectProblem error={error} what="control" />
  if (control === undefined) return <Loading />
  return (
    <DetailPage
      list={{ to: `/compliance/${control.frameworkId}`, title: 'Controls' }}
      title={`${control.code} ${control.title}`}
      badge={<StateBadge state={control.state} />}
      actions={mayWrite && <Button onClick={() => setSetting(true)}>Set the status</Button>}
    >
      <Facts
        facts={[
          ['Owner', <MemberName key="owner" id={control.ownerId} />],
          ['Reviewed', <Time key="reviewed" at={control.reviewedAt} />],
          ['Status set', <Time key="set" at={control.updatedAt} />],
          ['Pieces of evidence', control.evidenceCount],
          ['Evidence stays fresh for', `${String(control.freshDays)} days`],
          ...(mayEvidence
            ? ([
                ['Last collected', <Time key="collected" at={lastCollected} />],
                [
                  'Next due',
                  <Time
                    key="due"
                    at={
                      lastCollected === null
                        ? null
                        : freshnessOf(lastCollected, control.freshDays, Date.now()).dueAt
                    }
                  />,
                ],
                [
                  'Freshness',
                  <FreshnessBadge
                    key="fresh"
                    collectedAt={lastCollected}
                    freshDays={control.freshDays}
                  />,
                ],
              ] as const)
            : []),
        ]}
      />
      {control.note !== null && (
        <section aria-label="Note">
          <Title order={2} size="h4" mb="xs">
            Note
          </Title>
          <Text>{control.note}</Text>
        </section>
      )}
      {mayEvidence && <EvidenceList controlId={controlId} />}
      {isSetting && (
        <FormModal
          title={`Status of ${control.code}`}
          submit="Set"
          fields={[
            {
              name: 'state',
              label: 'Status',
              kind: 'choice',
              isRequired: true,
              options: controlStates,
              initial: control.state,
            },
            {
              name: 'ownerId',
              label: 'Owner',
              kind: 'pick',
              picker: MemberPicker,
              initial: control.ownerId ?? '',
            },
            {
              name: 'note',
              label: 'Note',
              kind: 'textarea',
              maxLength: 2000,
              initial: control.note ?? '',
            },
            {
              name: 'freshDays',
              label: 'Days for which evidence is fresh',
              kind: 'number',
              isRequired: true,
              initial: String(control.freshDays),
            },
            { name: 'isReviewed', label: 'I have reviewed this control now', kind: 'switch' },
          ]}
          onSubmit={(values) =>
            action.run(
              fetch.PUT('/api/v1/controls/{controlId}/status', {
                params,
                body: withCleared(values, ['ownerId', 'note'], null) as never,
              }),
              'The status was set.',
            )
          }
          onClose={() => setSetting(false)}
        />
      )}
    </DetailPage>
  )
}
