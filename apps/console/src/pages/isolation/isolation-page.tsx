import { Stack, Tabs } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { problemOf } from '../../api/problem.js'
import { useUrlValues } from '../../lists/use-url-values.js'
import { useList } from '../../lists/use-list.js'
import { useSession } from '../../session/session.js'
import { EmptyState } from '../../states/empty-state.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'
import { Coverage } from './coverage.js'
import { FindingList } from './finding-list.js'
import { isolationPath } from './isolation-path.js'
import { MatrixTab } from './matrix-tab.js'
import { isAnyOpen, isOpen } from './open-run.js'
import { RunActions } from './run-actions.js'
import { RunHistory } from './run-history.js'
import { RunProgress } from './run-progress.js'
import { RunTotals } from './run-totals.js'

/** The live proof: the last run or one of the history, as matrix, findings and report. */
export function Page(): ReactNode {
  const { place } = useSession()
  const [values, change] = useUrlValues()
  const runs = useList(isolationPath(place, '/api/v1/isolation/runs'), { pollWhile: isAnyOpen })
  const open = runs.items.find(isOpen)
  const shownId = values['run'] ?? runs.items.find(({ status }) => status === 'finished')?.id
  const path = isolationPath(place, '/api/v1/isolation/runs/{runId}')
  const { data: run, error } = useQueries().useQuery(
    'get',
    path,
    { params: { path: { runId: shownId ?? '' } } },
    { enabled: shownId !== undefined },
  )
  return (
    <Stack>
      <RunActions run={run} isOpen={open !== undefined} />
      {open !== undefined && <RunProgress run={open} />}
      {runs.error !== null && <PageProblem error={runs.error} onRetry={runs.reload} what="list" />}
      {error !== null && problemOf(error).status !== 0 && <PageProblem error={error} what="run" />}
      {runs.isLoading && <Loading />}
      {!runs.isLoading && runs.error === null && shownId === undefined && (
        <EmptyState title="No check has finished yet">
          The first one takes about a minute. Platform staff start it; its result is shown here to
          every tenant.
        </EmptyState>
      )}
      {run !== undefined && (
        <>
          <RunTotals run={run} />
          <Tabs
            value={values['tab'] ?? 'matrix'}
            onChange={(tab) => change({ tab: tab ?? undefined })}
            keepMounted={false}
          >
            <Tabs.List aria-label="Parts of the run">
              <Tabs.Tab value="matrix">Matrix</Tabs.Tab>
              <Tabs.Tab value="findings">Findings</Tabs.Tab>
              <Tabs.Tab value="coverage">Coverage</Tabs.Tab>
              <Tabs.Tab value="history">History</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="matrix" pt="md">
              <MatrixTab runId={run.id} />
            </Tabs.Panel>
            <Tabs.Panel value="findings" pt="md">
              <FindingList runId={run.id} />
            </Tabs.Panel>
            <Tabs.Panel value="coverage" pt="md">
              <Coverage run={run} />
            </Tabs.Panel>
            <Tabs.Panel value="history" pt="md">
              <RunHistory />
            </Tabs.Panel>
          </Tabs>
        </>
      )}
    </Stack>
  )
}
