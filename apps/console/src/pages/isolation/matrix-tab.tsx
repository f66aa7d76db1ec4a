import { Group, NativeSelect, Stack, Switch, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useUrlValues } from '../../lists/use-url-values.js'
import { EmptyState } from '../../states/empty-state.js'
import { Loading } from '../../states/loading.js'
import { PageProblem } from '../../states/page-problem.js'
import { CellPanel } from './cell-panel.js'
import { Matrix } from './matrix.js'
import type { Cell } from './matrix-rows.js'
import { useCells } from './use-cells.js'
import { Legend } from './verdict-mark.js'

/** The matrix with its filters, and the cell of the address. */
export function MatrixTab({ runId }: { readonly runId: string }): ReactNode {
  const [values, change] = useUrlValues()
  const { cells, error } = useCells(runId)
  if (error !== null) return <PageProblem error={error} what="run" />
  if (cells === undefined) return <Loading />
  const shown = cells.filter(
    (cell) =>
      cell.object.includes(values['table'] ?? '') &&
      (values['role'] === undefined || cell.role === values['role']) &&
      (values['verdict'] === undefined || cell.verdict === values['verdict']) &&
      (values['changed'] === undefined || isChanged(cell)),
  )
  const roles = [...new Set(cells.map(({ role }) => role))]
  return (
    <Stack>
      <Group align="flex-end" role="search" aria-label="Filters">
        <TextInput
          label="Table"
          type="search"
          value={values['table'] ?? ''}
          onChange={({ currentTarget }) => change({ table: currentTarget.value || undefined })}
        />
        <NativeSelect
          label="Role"
          value={values['role'] ?? ''}
          data={[{ value: '', label: 'All' }, ...roles]}
          onChange={({ currentTarget }) => change({ role: currentTarget.value || undefined })}
        />
        <NativeSelect
          label="Verdict"
          value={values['verdict'] ?? ''}
          data={[
            { value: '', label: 'All' },
            { value: 'leak', label: 'leaking' },
            { value: 'unknown', label: 'not proven' },
            { value: 'proven', label: 'proven' },
          ]}
          onChange={({ currentTarget }) => change({ verdict: currentTarget.value || undefined })}
        />
        <Switch
          label="Only what changed since the run before"
          checked={values['changed'] !== undefined}
          onChange={({ currentTarget }) =>
            change({ changed: currentTarget.checked ? 'yes' : undefined })
          }
        />
      </Group>
      <Legend />
      {shown.length === 0 ? (
        <EmptyState title="No cell fits the filters" />
      ) : (
        <Matrix cells={shown} onOpen={({ id }) => change({ cell: id })} />
      )}
      {values['cell'] !== undefined && (
        <CellPanel
          runId={runId}
          cellId={values['cell']}
          onClose={() => change({ cell: undefined })}
        />
      )}
    </Stack>
  )
}

function isChanged({ verdict, previousVerdict }: Cell): boolean {
  return previousVerdict !== null && previousVerdict !== verdict
}
