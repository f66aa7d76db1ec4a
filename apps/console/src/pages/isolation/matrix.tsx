import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { Breakable } from '../../details/breakable.js'
import type { Cell, MatrixColumn, MatrixRow } from './matrix-rows.js'
import { columnKey, commands, toMatrix, worstOf } from './matrix-rows.js'
import { VerdictMark, verdictName } from './verdict-mark.js'
import classes from './matrix.module.css'

/** Height of a row, in pixels. */
const rowHeight = 31

const steps: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/**
 * Tables by modes and commands. Only rows in sight are in the document; the arrow keys go from square
 * to square, Enter opens one.
 */
export function Matrix({
  cells,
  onOpen,
}: {
  readonly cells: readonly Cell[]
  readonly onOpen: (cell: Cell) => void
}): ReactNode {
  const { modes, rows } = useMemo(() => toMatrix(cells), [cells])
  const columns = modes.flatMap((mode) => commands.map((command) => ({ mode, command })))
  const [at, setAt] = useState<readonly [number, number]>([0, 0])
  const body = useRef<HTMLTableSectionElement>(null)
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    setOffset((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY)
  }, [])
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 20,
    scrollMargin: offset,
  })
  const visible = virtual.getVirtualItems()
  const before = (visible[0]?.start ?? offset) - offset
  const after = virtual.getTotalSize() - ((visible.at(-1)?.end ?? offset) - offset)
  const move = (event: KeyboardEvent): void => {
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const row = Math.min(rows.length - 1, Math.max(0, at[0] + step[0]))
    const column = Math.min(columns.length - 1, Math.max(0, at[1] + step[1]))
    setAt([row, column])
    virtual.scrollToIndex(row)
    requestAnimationFrame(() => {
      body.current
        ?.querySelector<HTMLElement>(`[data-at="${String(row)} ${String(column)}"]`)
        ?.focus()
    })
  }
  return (
    <div className={classes['scroller']}>
      <table
        className={classes['matrix']}
        role="grid"
        aria-label="Verdicts by table, mode and command"
        aria-rowcount={rows.length + 2}
        onKeyDown={move}
      >
        <thead>
          <tr>
            <th rowSpan={2} scope="col" className={classes['object']}>
              Table
            </th>
            {modes.map((mode) => (
              <th key={mode} colSpan={commands.length} scope="colgroup" className={classes['mode']}>
                {mode}
              </th>
            ))}
          </tr>
          <tr>
            {columns.map((column) => (
              <th key={columnKey(column)} scope="col" data-first={column.command === 'SELECT'}>
                <abbr title={column.command}>{column.command.slice(0, 3)}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && <tr style={{ height: before }} aria-hidden />}
          {visible.map(({ index }) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <tr
                key={row.object}
                aria-rowindex={index + 3}
                data-index={index}
                ref={virtual.measureElement}
              >
                <th scope="row" className={classes['object']}>
                  <Breakable text={row.object} />
                </th>
                {columns.map((column, position) => (
                  <Square
                    key={columnKey(column)}
                    row={row}
                    column={column}
                    place={[index, position]}
                    isCurrent={at[0] === index && at[1] === position}
                    onOpen={(cell) => {
                      setAt([index, position])
                      onOpen(cell)
                    }}
                  />
                ))}
              </tr>
            )
          })}
          {after > 0 && <tr style={{ height: after }} aria-hidden />}
        </tbody>
      </table>
    </div>
  )
}

function Square({
  row,
  column,
  place,
  isCurrent,
  onOpen,
}: {
  readonly row: MatrixRow
  readonly column: MatrixColumn
  readonly place: readonly [number, number]
  readonly isCurrent: boolean
  readonly onOpen: (cell: Cell) => void
}): ReactNode {
  const all = row.cells.get(columnKey(column)) ?? []
  const cell = worstOf(all)
  const common = { 'data-first': column.command === 'SELECT' }
  if (cell === undefined) return <td {...common} />
  const { verdict, previousVerdict, role } = cell
  const isChanged = previousVerdict !== null && previousVerdict !== verdict
  const name = [
    `${row.object}, ${column.mode}, ${column.command}: ${verdictName(verdict)}`,
    all.length > 1 ? `worst of ${String(all.length)} roles, ${role}` : `as ${role}`,
    isChanged ? `was ${verdictName(previousVerdict)}` : '',
  ].join('; ')
  return (
    <td {...common} role="gridcell">
      <button
        type="button"
        className={classes['square']}
        data-at={place.join(' ')}
        data-changed={isChanged}
        tabIndex={isCurrent ? 0 : -1}
        aria-label={name}
        title={name}
        onClick={() => onOpen(cell)}
      >
        <VerdictMark verdict={verdict} />
      </button>
    </td>
  )
}
