import { Button, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { PageLink } from '../../details/page-link.js'
import { Status } from '../../details/status.js'
import { Time } from '../../details/time.js'
import { MemberName } from '../../directory/member-name.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { AddEvidence } from './add-evidence.js'
import { freshnessOf } from './due.js'
import { FreshnessBadge } from './freshness-badge.js'

/** One piece of evidence with its digest. */
export function Page(): ReactNode {
  const { data: evidence, error } = useQueries().useQuery('get', '/api/v1/evidence/{evidenceId}', {
    params: { path: { evidenceId: useParam('evidenceId') } },
  })
  const mayWrite = useMay('evidence.write')
  const [isSuperseding, setSuperseding] = useState(false)
  if (error !== null) return <ObjectProblem error={error} what="piece of evidence" />
  if (evidence === undefined) return <Loading />
  const { supersededById, supersedesId, controlId, assetId } = evidence
  return (
    <DetailPage
      list={{ to: '/evidence', title: 'Compliance Evidence' }}
      title={evidence.title}
      badge={
        supersededById === null ? (
          <FreshnessBadge collectedAt={evidence.collectedAt} freshDays={evidence.freshDays} />
        ) : (
          <Status text="superseded" tone="ended" />
        )
      }
      actions={
        mayWrite &&
        supersededById === null && (
          <Button variant="default" onClick={() => setSuperseding(true)}>
            Supersede
          </Button>
        )
      }
    >
      <Facts
        facts={[
          ['Source', evidence.source],
          ['Collected', <Time key="at" at={evidence.collectedAt} />],
          ['Collected by', <MemberName key="by" id={evidence.collectedBy} />],
          [
            'Next due',
            <Time
              key="due"
              at={freshnessOf(evidence.collectedAt, evidence.freshDays, Date.now()).dueAt}
            />,
          ],
          ['Kept at', evidence.storageReference],
          ['Bytes', evidence.byteCount.toLocaleString()],
          ['SHA-256', <code key="sha">{evidence.sha256}</code>],
          ['Control', link(controlId, '/compliance/controls', 'Open the control')],
          ['Asset', link(assetId, '/assets', 'Open the asset')],
          ['Supersedes', link(supersedesId, '/evidence', 'Open the older one')],
          ['Superseded by', link(supersededById, '/evidence', 'Open the newer one')],
        ]}
      />
      {evidence.excerpt !== null && (
        <section aria-label="Excerpt">
          <Title order={2} size="h4" mb="xs">
            Excerpt
          </Title>
          <Text>{evidence.excerpt}</Text>
        </section>
      )}
      {isSuperseding && (
        <AddEvidence
          {...(controlId !== null && { controlId })}
          supersedes={evidence}
          onClose={() => setSuperseding(false)}
        />
      )}
    </DetailPage>
  )
}

function link(id: string | null, list: string, text: string): ReactNode {
  return id === null ? null : <PageLink to={`${list}/${id}`}>{text}</PageLink>
}
