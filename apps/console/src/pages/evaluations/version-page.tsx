import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { Facts } from '../../details/facts.js'
import { StateBadge } from '../../details/state-badge.js'
import { Time } from '../../details/time.js'
import { UrlTabs } from '../../details/url-tabs.js'
import { MemberName } from '../../directory/member-name.js'
import { useAction } from '../../forms/use-action.js'
import { useParam } from '../../lists/use-param.js'
import { useMay } from '../../session/session.js'
import { EmptyState } from '../../states/empty-state.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { Assignments } from './assignments.js'
import { toContent, toDraft } from './content.js'
import { ContentEditor } from './content-editor.js'
import { evaluationTones } from './evaluation-tones.js'
import { Questions } from './questions.js'
import { VersionActions } from './version-actions.js'

/** One version: its questions and whom it is assigned to. */
export function Page(): ReactNode {
  const path = { versionId: useParam('versionId') }
  const { data: version, error } = useQueries().useQuery(
    'get',
    '/api/v1/evaluation-versions/{versionId}',
    { params: { path } },
  )
  const { data: evaluation } = useQueries().useQuery(
    'get',
    '/api/v1/evaluations/{evaluationId}',
    { params: { path: { evaluationId: version?.evaluationId ?? '' } } },
    { enabled: version !== undefined },
  )
  const { fetch } = useApi()
  const action = useAction()
  const mayWrite = useMay('evaluations.write')
  if (error !== null) return <ObjectProblem error={error} what="version" />
  if (version === undefined) return <Loading />
  const { content, state } = version
  const questions = (): ReactNode => {
    if (content === null || content === undefined) {
      return (
        <EmptyState title="The questions are not shown to you">
          Only those who supervise see them with their right answers; who is asked sees them in a
          session.
        </EmptyState>
      )
    }
    if (state !== 'draft' || !mayWrite) return <Questions draft={toDraft(content)} />
    return (
      <ContentEditor
        key={version.contentSha256}
        initial={toDraft(content)}
        submit="Save the draft"
        onSave={(draft) =>
          action.run(
            fetch.PUT('/api/v1/evaluation-versions/{versionId}', {
              params: { path },
              body: { content: toContent(draft) } as never,
            }),
            'The draft was saved.',
          )
        }
      />
    )
  }
  return (
    <DetailPage
      list={{
        to: `/evaluations/${version.evaluationId}`,
        title: evaluation?.title ?? 'Evaluation',
      }}
      title={`Version ${String(version.version)}`}
      badge={<StateBadge state={state} tone={evaluationTones[state]} />}
      actions={<VersionActions version={version} />}
    >
      <Facts
        facts={[
          ['Points', version.maxPoints],
          ['Started', <Time key="created" at={version.createdAt} />],
          ['Published', <Time key="published" at={version.publishedAt} />],
          ['Published by', <MemberName key="by" id={version.publishedBy} />],
          ['SHA-256 of its content', <code key="sha">{version.contentSha256}</code>],
        ]}
      />
      <UrlTabs
        tabs={[
          { id: 'questions', title: 'Questions', content: questions },
          {
            id: 'assignments',
            title: 'Assignments',
            content: () => <Assignments order={2} versionId={version.id} />,
          },
        ]}
      />
    </DetailPage>
  )
}
