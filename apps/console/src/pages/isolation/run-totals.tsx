import { Alert, Paper, SimpleGrid, Text } from '@mantine/core'
import { IconAlertTriangle, IconShieldCheck, IconShieldQuestion } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Time } from '../../details/time.js'
import type { ItemOf } from '../../lists/use-list.js'

/** A run, as the API has it. */
export type Run = ItemOf<'/api/v1/isolation/runs'>

const headlines = {
  holds: {
    color: 'teal',
    icon: <IconShieldCheck />,
    text: 'Isolation holds: every cell has an answer, none leaks',
  },
  findings: { color: 'red', icon: <IconAlertTriangle />, text: 'Isolation does not hold' },
  incomplete: {
    color: 'yellow',
    icon: <IconShieldQuestion />,
    text: 'Nothing was found, but not everything was answered',
  },
} as const

/** What came of a run. No total is green while something is unchecked. */
export function RunTotals({ run }: { readonly run: Run }): ReactNode {
  const { totals, result } = run
  const tiles: readonly (readonly [string, number])[] = [
    ['proven', totals.proven],
    ['tested, not proven', totals.tested],
    ['not checked', totals.notChecked],
    ['leaking', totals.leaking],
    ['no privilege', totals.notApplicable],
    ['changed since the run before', run.changed],
  ]
  const headline = result === null ? null : headlines[result]
  return (
    <>
      {headline !== null && (
        <Alert
          color={headline.color}
          icon={headline.icon}
          title={headline.text}
          data-testid="verdict"
        >
          <Text size="sm">
            {totals.errors} errors, {totals.warnings} warnings; checked <Time at={run.finishedAt} />{' '}
            in {String(Math.round(run.durationSeconds ?? 0))} s
            {run.withAttacks ? ', with live probes' : ', without live probes'}.
          </Text>
        </Alert>
      )}
      {run.status === 'failed' && (
        <Alert color="red" title="The run did not finish">
          {run.failure}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 2, xs: 3, md: 6 }} spacing="sm" component="dl" m={0}>
        {tiles.map(([name, count]) => (
          <Paper key={name} withBorder px="md" py="xs" component="div">
            <Text component="dd" m={0} size="xl" fw={600} ff="monospace">
              {count}
            </Text>
            <Text component="dt" size="xs" c="dimmed">
              {name}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
    </>
  )
}
