import type { CatalogSnapshot } from 'watertight/catalog'
import type { MembershipTable } from '../principals.js'
import type { ContextSettings, ProbeSession } from '../session.js'
import type { Target } from '../target.js'

/** What row synthesis works with, and for whom. */
export interface Synthesis {
  readonly catalog: CatalogSnapshot
  readonly session: ProbeSession
  readonly targets: ReadonlyMap<string, Target>
  /** Tenant whose rows are made; parents are looked for among its rows. */
  readonly tenant: string
  /** User of that tenant, whom its memberships are made for; null when nobody is known. */
  readonly user: string | null
  readonly memberships: MembershipTable | null
  /** What the application would set for that user: triggers may ask who it is. */
  readonly settings?: ContextSettings
  /** Foreign keys of the outermost table, by name, whose columns are given and need no parent. */
  readonly settled?: ReadonlySet<string>
  /** The row may be made past triggers that refuse it: nothing about it is under test. */
  readonly pastTriggers?: boolean
  /** Makes values of one run different from each other. */
  serial(): number
}
