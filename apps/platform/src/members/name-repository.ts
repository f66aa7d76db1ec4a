import type { Queryable } from 'watertight/sql'

/** Somebody who is no member of the tenant that asks. */
export interface OutsiderRow {
  readonly id: string
  readonly display_name: string
  readonly is_platform_staff: boolean
  readonly is_auditor: boolean
}

/** Those of the ids, 50 at most, who were let into the tenant or acted on it and are no members. */
export async function namesOfOutsiders(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly OutsiderRow[]> {
  const { rows } = await db.query<OutsiderRow>(
    'select id, display_name, is_platform_staff, is_auditor from core.names_of_outsiders($1)',
    [ids],
  )
  return rows
}

/** Those of the ids, 50 at most, who asked for or decided on the end of a tenant. As platform staff. */
export async function namesOfStaff(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly Omit<OutsiderRow, 'is_auditor'>[]> {
  const { rows } = await db.query<Omit<OutsiderRow, 'is_auditor'>>(
    'select id, display_name, is_platform_staff from core.names_of_staff($1)',
    [ids],
  )
  return rows
}
