import { Alert, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import { Breakable } from '../../details/breakable.js'
import { PageLink } from '../../details/page-link.js'
import { Status } from '../../details/status.js'
import { Time } from '../../details/time.js'
import { Loading } from '../../states/loading.js'
import { ObjectProblem } from '../../states/object-problem.js'
import { bytes, count, milliseconds, percent } from './quantities.js'
import { ReportTable } from './report-table.js'
import { SqlText } from './sql-text.js'
import { StatementPlans } from './statement-plans.js'
import { tones } from './warning-tones.js'

/** Load by tenant, slow statements and their plans, and warnings under row level security. */
export function Page(): ReactNode {
  const {
    data: report,
    error,
    refetch,
  } = useQueries().useQuery('get', '/api/v1/platform/performance')
  // A server without diagnostics tells ids alone.
  const { data: tenants } = useQueries().useQuery('get', '/api/v1/platform/tenants', {
    params: { query: { limit: 100 } },
  })
  const names = new Map(tenants?.items.map(({ id, name }) => [id, name]))
  const tenantName = ({ tenantId, name }: { tenantId: string; name: string | null }): string =>
    name ?? names.get(tenantId) ?? tenantId
  if (error !== null) return <ObjectProblem error={error} onRetry={() => void refetch()} />
  if (report === undefined) return <Loading />
  const { requests, statements, load, warnings, plans } = report
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          Performance
        </Title>
        <Text size="sm" c="dimmed">
          As of <Time at={report.takenAt} />. Requests are those of this server since{' '}
          <Time at={requests.since} />; rows and sizes are the planner’s estimates.
        </Text>
      </div>
      <Section title="Warnings about plans" part={warnings}>
        <ReportTable
          caption="Warnings about plans"
          minWidth={740}
          none="No index is out of use, and no tenant outweighs the others."
          rows={warnings.items}
          columns={[
            [
              'Kind',
              (row) => <Status text={row.kind.replaceAll('-', ' ')} tone={tones[row.severity]} />,
            ],
            ['Object', (row) => <Breakable text={row.object} />],
            ['Warning', (row) => row.message],
            [
              'What to do',
              (row) => (row.fixSql === null ? row.remedy : <SqlText text={row.fixSql} />),
            ],
          ]}
        />
      </Section>
      <Section title="Plans of slow statements" part={plans}>
        <StatementPlans plans={plans} />
      </Section>
      <Section title="Requests by tenant" part={null}>
        <ReportTable
          caption="Requests by tenant"
          none="No tenant has asked for anything yet."
          rows={requests.tenants}
          columns={[
            [
              'Tenant',
              (row) => <PageLink to={`/tenants/${row.tenantId}`}>{tenantName(row)}</PageLink>,
            ],
            ['Requests', (row) => count(row.requests), 'right'],
            ['Failures', (row) => count(row.failures), 'right'],
            ['Mean', (row) => milliseconds(row.meanMs), 'right'],
            ['Slowest', (row) => milliseconds(row.maxMs), 'right'],
            ['In all', (row) => milliseconds(row.totalMs), 'right'],
          ]}
        />
      </Section>
      <Section title="Slow statements" part={statements}>
        <ReportTable
          caption="Slow statements"
          minWidth={760}
          none="The server has counted no statements yet."
          rows={statements.items}
          columns={[
            ['Statement', (row) => <SqlText text={row.text} />],
            ['Role', (row) => row.role],
            ['Calls', (row) => count(row.calls), 'right'],
            ['Mean', (row) => milliseconds(row.meanMs), 'right'],
            ['Slowest', (row) => milliseconds(row.maxMs), 'right'],
            ['Rows', (row) => count(row.rows), 'right'],
            [
              'Cached',
              (row) => (row.cacheHitRatio === null ? null : percent(row.cacheHitRatio)),
              'right',
            ],
          ]}
        />
      </Section>
      <Section title="Whales and minnows" part={load}>
        <ReportTable
          caption="Largest tenants"
          none="The statistics name no tenant that stands out."
          rows={load.tenants}
          columns={[
            [
              'Tenant',
              (row) => <PageLink to={`/tenants/${row.tenantId}`}>{tenantName(row)}</PageLink>,
            ],
            ['Rows', (row) => count(row.rows), 'right'],
            ['Size', (row) => bytes(row.bytes), 'right'],
            ['Share of all rows', (row) => percent(row.share), 'right'],
          ]}
        />
        <ReportTable
          caption="Tables"
          none="There are no tables of tenants."
          rows={load.tables}
          columns={[
            ['Table', (row) => <Breakable text={row.object} />],
            ['Rows', (row) => count(row.rows), 'right'],
            ['Size', (row) => bytes(row.bytes), 'right'],
            ['Index scans', (row) => count(row.indexScans), 'right'],
            ['Sequential scans', (row) => count(row.sequentialScans), 'right'],
            [
              'Largest tenant',
              (row) => (row.largestTenantShare === null ? null : percent(row.largestTenantShare)),
              'right',
            ],
            ['Analysed', (row) => <Time at={row.analyzedAt} />],
          ]}
        />
      </Section>
    </Stack>
  )
}

/** A part of the page, or what to do so that the server can fill it. */
function Section({
  title,
  part,
  children,
}: {
  readonly title: string
  readonly part: { readonly available: boolean; readonly howToEnable: string | null } | null
  readonly children: ReactNode
}): ReactNode {
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {title}
      </Title>
      {part?.available === false ? (
        <Alert color="gray" title="This server does not tell">
          {part.howToEnable}
        </Alert>
      ) : (
        children
      )}
    </Stack>
  )
}
