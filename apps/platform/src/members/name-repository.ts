import type { Queryable } from 'watertight/sql'

/** Somebody who is no member of the tenant that asks. */
export interface OutsiderRow {
  readonly id: string
  /** Null for staff who only asked or decided. */
  readonly display_name: string | null
  readonly is_platform_staff: boolean
  readonly is_auditor: boolean
}

/**
 * Those of the ids, 50 at most, who were let into the tenant or acted on it and are no members; and
 * staff who asked for or decided on its grants or its archiving, without a name.
 */
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

/** Somebody who ends tenants. */
export interface DeciderRow {
  readonly id: string
  readonly display_name: string
  readonly is_platform_staff: boolean
}

/** Those of the ids, 50 at most, who asked for or decided on the end of a tenant. As platform staff. */
export async function namesOfStaff(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly DeciderRow[]> {
  const { rows } = await db.query<DeciderRow>(
    'select id, display_name, is_platform_staff from core.names_of_staff($1)',
    [ids],
  )
  return rows
}
