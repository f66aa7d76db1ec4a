import { insertSql, rowsQuery, settingsIn, updateSql, upsertSql } from './server/attempt.js'
import type { Attempt } from './server/attempt.js'
import type { Place } from './server/place.js'
import type { Cells, FuzzTable, Settings, World } from './world.js'

export type Form = 'select' | 'delete' | 'update' | 'hop' | 'insert' | 'upsert'

/** A statement of a role on a table, and the row it is about. */
export interface Trial {
  readonly form: Form
  readonly table: FuzzTable
  readonly role: string
  readonly settings: Settings
  /** The only row of the table; null for all of them. */
  readonly only: Cells | null
  /** The row to write. */
  readonly written: Cells | null
  readonly attempt: Attempt
}

/** The roles that the runtime role may act as on a table. */
function actorsOf(world: World, { grantee, name }: FuzzTable, place: Place): readonly string[] {
  const { roles, runtime } = place
  if (!name.startsWith('t')) return [runtime]
  return grantee === '{grp}'
    ? world.runtime === 'lone'
      ? [roles.grp]
      : [runtime, roles.grp]
    : [runtime]
}

/** What is tried in one context. */
export function trialsOf(
  world: World,
  place: Place,
  settings: Settings,
  storedRows: (table: FuzzTable) => readonly Cells[],
): readonly Trial[] {
  return world.tables.flatMap((table, at) =>
    actorsOf(world, table, place).flatMap((role) => {
      const may = (privilege: string): boolean => table.privileges.includes(privilege)
      const base = { table, role, settings }
      const trials: Trial[] = [trial(place, { ...base, form: 'select' })]
      if (may('delete')) trials.push(trial(place, { ...base, form: 'delete' }))
      if (may('update')) trials.push(trial(place, { ...base, form: 'update' }))
      const stored = storedRows(table)
      for (const [index, written] of (world.writes[at] ?? []).entries()) {
        const only = stored[index % Math.max(1, stored.length)] ?? null
        if (may('insert')) trials.push(trial(place, { ...base, form: 'insert', written }))
        if (only === null || !may('update')) continue
        trials.push(trial(place, { ...base, form: 'hop', only, written }))
        const onto = { ...written, id: only['id'] ?? null }
        if (index === 0 && may('insert')) {
          trials.push(trial(place, { ...base, form: 'upsert', only, written: onto }))
        }
      }
      return trials
    }),
  )
}

/** The same statement with one row in the table: rows that fail do not hide others then. */
export function singly(place: Place, whole: Trial, only: Cells): Trial {
  return trial(place, { ...whole, only })
}

function trial(
  place: Place,
  part: Omit<Trial, 'attempt' | 'only' | 'written'> & Partial<Trial>,
): Trial {
  const { form, table, role, settings, only = null, written = null } = part
  const all = rowsQuery(table)
  const before =
    only === null
      ? {}
      : { before: place.fill(`delete from {s}.${table.name} where id <> ${only['id']}`) }
  const texts: Readonly<Record<Form, readonly [string, string | null]>> = {
    select: [all, null],
    delete: [`delete from {s}.${table.name}`, all],
    update: [`update {s}.${table.name} set mark = 9`, rowsQuery(table, 'r.mark = 9')],
    hop: [updateSql(table, written ?? {}) + ', mark = 9', rowsQuery(table, 'r.mark = 9')],
    insert: [insertSql(table, written ?? {}), rowsQuery(table, `r.id = ${written?.['id']}`)],
    upsert: [upsertSql(table, written ?? {}) + ', mark = 9', rowsQuery(table, 'r.mark = 9')],
  }
  const [statement, observe] = texts[form]
  const attempt: Attempt = {
    role,
    settings: settingsIn(place, settings),
    ...before,
    statement: place.fill(statement),
    ...(observe === null ? {} : { observe: place.fill(observe) }),
  }
  return { form, table, role, settings, only, written, attempt }
}
