import type { Queryable } from 'watertight/sql'
import type { UnusableKeyRow } from '../index-repository.js'
import type { PerformanceReport } from '../performance-schema.js'
import type { StatementRow } from '../statement-repository.js'
import type { PlanContext } from './plan-context.js'
import { planStatements } from './plan-statements.js'

/** What can keep plans from being made, and what they are made under. */
export interface PlanConditions {
  readonly contexts: PlanContext | null
  /** Why no statements are known or can be planned; null when nothing is in the way. */
  readonly hindrance: string | null
  readonly unusable: readonly UnusableKeyRow[]
  /** The tenant with most rows, where there is one. */
  readonly tenantId: string | null
}

/** A tenant that has nothing. */
const nobody = '00000000-0000-4000-8000-000000000000'
const noContexts =
  'This server signs no contexts, so no statement can be planned as one of a request.'
const notAMember =
  'Let the login of PLATFORM_DIAGNOSTICS_URL act as the roles of the application: grant each of them to it with inherit false, set true.'

/** Plans slow statements, or says why there are no plans. */
export async function reportPlans(
  db: Queryable,
  statements: readonly StatementRow[],
  { contexts, hindrance, unusable, tenantId }: PlanConditions,
): Promise<PerformanceReport['plans']> {
  const absent = (howToEnable: string): PerformanceReport['plans'] => ({
    available: false,
    howToEnable,
    examined: 0,
    items: [],
    notPlanned: [],
  })
  if (contexts === null) return absent(noContexts)
  if (hindrance !== null) return absent(hindrance)
  if (!(await mayActAs(db, [...contexts.modes.keys()]))) return absent(notAMember)
  const planned = await planStatements(db, statements, {
    contexts,
    unusable,
    tenantId: tenantId ?? nobody,
  })
  return { available: true, howToEnable: null, ...planned }
}

async function mayActAs(db: Queryable, roles: readonly string[]): Promise<boolean> {
  const { rows } = await db.query<{ may: boolean | null }>(
    `select bool_and(pg_has_role(current_user, oid, 'set')) as may from pg_roles where rolname = any ($1)`,
    [roles],
  )
  return rows[0]?.may === true
}
