import { Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { DetailText } from '../../details/detail-text.js'
import { Status } from '../../details/status.js'
import { count, milliseconds } from './quantities.js'
import { ReportTable } from './report-table.js'
import { SqlText } from './sql-text.js'
import type { PerformanceReport } from './performance-report.js'
import { tones } from './warning-tones.js'

type Plans = PerformanceReport['plans']

/** Slow statements whose plans suffer under row level security: what is wrong, and what mends it. */
export function StatementPlans({ plans }: { readonly plans: Plans }): ReactNode {
  const { examined, items, notPlanned } = plans
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {examined === 1 ? 'One statement was' : `${count(examined)} statements were`} planned as the
        role that sends it, with parameters left open, and not executed;{' '}
        {items.length === 0 ? 'no plan suffers' : `the plans of ${count(items.length)} suffer`}{' '}
        under row level security.
      </Text>
      {items.map((item, index) => (
        <PlannedStatement key={item.statementId} item={item} number={index + 1} />
      ))}
      {notPlanned.length > 0 && (
        <ReportTable
          caption="Statements without a plan"
          none=""
          rows={notPlanned}
          columns={[
            ['Statement', (row) => <SqlText text={row.text} />],
            ['Why not', (row) => row.reason],
          ]}
        />
      )}
    </Stack>
  )
}

function PlannedStatement({
  item: { text, role, calls, meanMs, plan, warnings },
  number,
}: {
  readonly item: Plans['items'][number]
  readonly number: number
}): ReactNode {
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Title order={3} size="h5">
          Statement {number}
        </Title>
        <Text size="sm" c="dimmed">
          {count(calls)} calls as {role}, {milliseconds(meanMs)} each
        </Text>
        <DetailText value={text} label={`Text of statement ${String(number)}`} />
        {warnings.map(({ kind, severity, message, remedy, fixSql }, place) => (
          <Stack gap={4} key={`${kind} ${message}`}>
            <div>
              <Status text={kind.replaceAll('-', ' ')} tone={tones[severity]} />
            </div>
            <Text size="sm">{message}</Text>
            {remedy !== null && <Text size="sm">{remedy}</Text>}
            {fixSql !== null && (
              <DetailText
                value={fixSql}
                label={`Remedy ${String(place + 1)} of statement ${String(number)}`}
              />
            )}
          </Stack>
        ))}
        <DetailText value={plan} label={`Plan of statement ${String(number)}`} />
      </Stack>
    </Paper>
  )
}
