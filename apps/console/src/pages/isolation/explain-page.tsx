import { Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useApi, useQueries } from '../../api/client.js'
import { ProblemError } from '../../api/problem.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { PageProblem } from '../../states/page-problem.js'
import { Explanation } from './explanation.js'
import { ExplainForm } from './explain-form.js'
import type { Question } from './explain-question.js'
import { questionOf } from './explain-question.js'

/** Why a row is or is not visible: pick a table, a row and a context. */
export function Page(): ReactNode {
  const [values] = useUrlValues()
  const { data, error } = useQueries().useQuery('get', '/api/v1/explain/tables')
  if (error !== null) return <ObjectProblem error={error} />
  if (data === undefined) return <Loading />
  const question = questionOf(
    values,
    data.items.find(({ name }) => name === values['table']),
  )
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          Explain
        </Title>
        <Text size="sm" c="dimmed" maw={720}>
          Why a row is or is not visible. A row of another tenant and one that does not exist get
          the same answer. Each question is in the audit log.
        </Text>
      </div>
      <ExplainForm tables={data.items} />
      {question !== null && <Answer question={question} />}
    </Stack>
  )
}

function Answer({ question }: { readonly question: Question }): ReactNode {
  const { fetch } = useApi()
  const { data, error, isFetching } = useQuery({
    queryKey: ['explain', question],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const reply = await fetch.GET('/api/v1/explain', { params: { query: question }, signal })
      if (reply.data === undefined) throw new ProblemError(reply.error)
      return reply.data
    },
  })
  if (error !== null) return <PageProblem error={error} what="row" />
  if (data === undefined || isFetching) return <Loading />
  return <Explanation explanation={data} />
}
