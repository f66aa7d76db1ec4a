import { callOf, castsColumn, comparesColumn, conjunctsOf, mentionsColumn } from './conditions.js'
import type { TableFact } from './table-facts-repository.js'

/** Why an index that begins with the tenant is left aside, and what to do. */
export interface SequentialReason {
  readonly because: string
  readonly remedy: string
}

const plain =
  'Compare tenant_id itself: tenant_id = (select …), of the type of the column, and nothing around it.'

/**
 * Why the policy cannot use an index on the tenant; null where it could and the planner found reading
 * everything cheaper, and where the table is not filtered by tenant at all.
 */
export function whySequential(filter: string, table: TableFact): SequentialReason | null {
  const conjuncts = conjunctsOf(filter)
  const comparing = conjuncts.filter((part) => comparesColumn(part, 'tenant_id'))
  for (const part of comparing) {
    const volatile = table.policyFunctions.find(
      (each) => each.volatility === 'volatile' && callOf(part, each) !== undefined,
    )
    if (volatile === undefined) return null
    const name = `${volatile.schema}.${volatile.name}()`
    return {
      because: `${name} is VOLATILE, so it may say something else for each row`,
      remedy: `Declare ${name} STABLE, and write (select ${name}) in the policy.`,
    }
  }
  const mentioning = conjuncts.filter((part) => mentionsColumn(part, 'tenant_id'))
  for (const each of table.policyFunctions) {
    const taking = mentioning.some((part) => mentionsColumn(callOf(part, each) ?? '', 'tenant_id'))
    if (!taking) continue
    const name = `${each.schema}.${each.name}(tenant_id)`
    return {
      because: `the policy calls ${name}, which the planner cannot look into${each.opaqueBecause === null ? '' : ` as ${each.opaqueBecause}`}`,
      remedy: plain,
    }
  }
  if (mentioning.some((part) => castsColumn(part, 'tenant_id'))) {
    return {
      because: 'the policy compares a cast of tenant_id, which the index does not hold',
      remedy: plain,
    }
  }
  if (mentioning.some((part) => / OR /.test(part))) {
    return {
      because: 'the policy joins the comparison of tenant_id with something else by OR',
      remedy:
        'Make the other way in a policy of its own role, so that each role has a plain comparison.',
    }
  }
  if (
    mentioning.length === 0 &&
    conjuncts.some((part) => /\(SubPlan \d+\)/.test(part) && !/hashed SubPlan/.test(part))
  ) {
    return {
      because: 'the policy asks a subquery about each row',
      remedy: `${plain} What the subquery finds can be an array that is read once: tenant_id = any ((select array(…))::uuid[]).`,
    }
  }
  return null
}
