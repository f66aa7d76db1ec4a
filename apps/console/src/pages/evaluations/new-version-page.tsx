import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { DetailPage } from '../../details/detail-page.js'
import { useAction } from '../../forms/use-action.js'
import { useParam } from '../../lists/use-param.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { toContent, toDraft } from './content.js'
import { ContentEditor } from './content-editor.js'

/** Writes the next version of an evaluation, from what the last one asks. */
export function Page(): ReactNode {
  const path = { evaluationId: useParam('evaluationId') }
  const queries = useQueries()
  const { data: versions, error } = queries.useQuery(
    'get',
    '/api/v1/evaluations/{evaluationId}/versions',
    { params: { path, query: { limit: 1 } } },
  )
  const { data: evaluation } = queries.useQuery('get', '/api/v1/evaluations/{evaluationId}', {
    params: { path },
  })
  const last = versions?.items[0]
  const { data: version } = queries.useQuery(
    'get',
    '/api/v1/evaluation-versions/{versionId}',
    { params: { path: { versionId: last?.id ?? '' } } },
    { enabled: last !== undefined },
  )
  const { fetch } = useApi()
  const action = useAction()
  const navigate = useNavigate()
  if (error !== null) return <ObjectProblem error={error} what="evaluation" />
  if (versions === undefined || (last !== undefined && version === undefined)) return <Loading />
  return (
    <DetailPage
      list={{ to: `/evaluations/${path.evaluationId}`, title: evaluation?.title ?? 'Evaluation' }}
      title={`Version ${String((last?.version ?? 0) + 1)}`}
    >
      <ContentEditor
        initial={toDraft(version?.content ?? {})}
        submit="Save as a draft"
        onSave={async (draft) => {
          const made = await action.run(
            fetch.POST('/api/v1/evaluations/{evaluationId}/versions', {
              params: { path },
              body: { content: toContent(draft) } as never,
            }),
            'The draft was saved; nobody is asked before it is published.',
          )
          if (made) {
            await navigate({
              to: '/evaluations/versions/$versionId',
              params: { versionId: made.id },
            })
          }
        }}
      />
    </DetailPage>
  )
}
