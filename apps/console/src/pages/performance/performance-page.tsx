import { Alert, Code, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useQueries } from '../../api/client.js'
import type { operations } from '../../api/schema.js'
import type { Tone } from '../../details/status.js'
import { Status } from '../../details/status.js'
import { Time } from '../../details/time.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'
import { bytes, count, milliseconds, percent } from './quantities.js'
import { ReportTable } from './report-table.js'

type Report = operations['getPerformance']['responses'][200]['content']['application/json']

const tones: Readonly<Record<Report['warnings']['items'][number]['severity'], Tone>> = {
  warning: 'waiting',
  info: 'ended',
}

/** Load by tenant, slow statements, and warnings about plans under row level security. */
export function Page(): ReactNode {
  const {
    data: report,
    error,
    refetch,
  } = useQueries().useQuery('get', '/api/v1/platform/performance')
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />
  if (report === undefined) return <Loading />
  const { requests, statements, load, warnings } = report
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
          none="No index is out of use, and no tenant outweighs the others."
          rows={warnings.items}
          columns={[
            [
              'Kind',
              (row) => <Status text={row.kind.replaceAll('-', ' ')} tone={tones[row.severity]} />,
            ],
            ['Object', (row) => row.object],
            ['Warning', (row) => row.message],
            [
              'What to do',
              (row) => (row.fixSql === null ? row.remedy : <Code block>{row.fixSql}</Code>),
            ],
          ]}
        />
      </Section>
      <Section title="Requests by tenant" part={null}>
        <ReportTable
          caption="Requests by tenant"
          none="No tenant has asked for anything yet."
          rows={requests.tenants}
          columns={[
            ['Tenant', (row) => row.name ?? row.tenantId],
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
          none="The server has counted no statements yet."
          rows={statements.items}
          columns={[
            ['Statement', (row) => <Code block>{row.text}</Code>],
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
            ['Tenant', (row) => row.name ?? row.tenantId],
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
            ['Table', (row) => row.object],
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
    <Stack gap="sm" component="section" aria-label={title}>
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
