import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import type { Finding } from '../findings/index.js'
import type { Access } from '../graph/access.js'
import type { Classification } from '../graph/classify.js'
import type { RuntimeRoleName } from '../graph/runtime-roles.js'

/** What rules look at: one snapshot and what was derived from it. */
export interface LintInput {
  readonly catalog: CatalogSnapshot
  readonly model: TenancyModel
  readonly tables: Classification
  readonly access: Access
  readonly roles: readonly RuntimeRoleName[]
  /** Calendar date of the run, `YYYY-MM-DD`. */
  readonly today: string
}

/** A rule that reads the catalog. */
export interface CatalogRule {
  readonly kind: 'catalog'
  readonly id: string
  /** One sentence for lists and `explain`. */
  readonly title: string
  check(input: LintInput): readonly Finding[]
}

/** A rule that reads what all other rules and attacks found. */
export interface ReviewRule {
  readonly kind: 'review'
  readonly id: string
  readonly title: string
  review(input: LintInput, findings: readonly Finding[]): readonly Finding[]
}

export type Rule = CatalogRule | ReviewRule
