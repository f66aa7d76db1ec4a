import type { Policy, Relation } from 'watertight/catalog'
import { ident, joinSql, literal, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { parseExpression, printExpression } from '../../expr/index.js'
import type { Expr } from '../../expr/index.js'
import { weakened } from '../weaken.js'
import type { MutantDraft, MutationSubject } from '../mutant.js'

/** Policies dropped, opened, turned round and weakened. */
export function policyMutants({ tables }: MutationSubject): readonly MutantDraft[] {
  return tables.flatMap(({ relation, name }) =>
    relation.policies.flatMap((policy) => mutantsOf(relation, name, policy)),
  )
}

function mutantsOf(relation: Relation, table: string, policy: Policy): readonly MutantDraft[] {
  const object = `${table}.${policy.name}`
  const guard = guardOf(relation, policy)
  const changed = (
    kind: MutantDraft['kind'],
    description: string,
    change: Partial<Policy>,
    detail?: string,
  ): MutantDraft => ({
    kind,
    object,
    description,
    guard,
    up: [dropped(relation, policy), created(relation, { ...policy, ...change })],
    ...(detail !== undefined && { detail }),
  })
  const { permissive, using, withCheck, roles, command } = policy
  const found: MutantDraft[] = [
    {
      kind: 'policy-dropped',
      object,
      description: `${permissive ? 'the' : 'the restrictive'} policy is dropped`,
      guard,
      up: [dropped(relation, policy)],
    },
  ]
  if (using !== null && !isTrue(using)) {
    found.push(changed('policy-using-true', 'USING is true', { using: 'true' }))
  }
  if (withCheck !== null && !isTrue(withCheck)) {
    found.push(changed('policy-check-true', 'WITH CHECK is true', { withCheck: 'true' }))
    if (using !== null && command !== 'INSERT' && using !== withCheck) {
      found.push(changed('policy-check-dropped', 'WITH CHECK is dropped', { withCheck: null }))
    }
  }
  if (withCheck === null && using !== null && (command === 'ALL' || command === 'UPDATE')) {
    found.push(changed('policy-check-true', 'a WITH CHECK of true is added', { withCheck: 'true' }))
  }
  found.push(
    permissive
      ? changed('policy-restrictive', 'the policy is restrictive', { permissive: false })
      : changed('policy-permissive', 'the policy is permissive', { permissive: true }),
  )
  if (roles.length > 0) {
    found.push(changed('policy-to-public', 'the policy is for every role', { roles: [] }))
  }
  for (const [part, text] of [
    ['using', using],
    ['withCheck', withCheck],
  ] as const) {
    for (const [index, weak] of weakenings(text).entries()) {
      const clause = part === 'using' ? 'USING' : 'WITH CHECK'
      found.push(
        changed(
          `policy-${weak.kind}`,
          `${clause}: ${weak.description}`,
          { [part]: weak.text },
          `${part === 'using' ? 'using' : 'check'}-${index + 1}`,
        ),
      )
    }
  }
  return found
}

type WeakText = {
  readonly kind: ReturnType<typeof weakened>[number]['kind']
  readonly description: string
  readonly text: string
}

function weakenings(text: string | null): readonly WeakText[] {
  if (text === null) return []
  let expr: Expr
  try {
    expr = parseExpression(text)
  } catch {
    return []
  }
  return weakened(expr).map(({ kind, description, expr: weak }) => ({
    kind,
    description,
    text: printExpression(weak).text,
  }))
}

function isTrue(text: string): boolean {
  return /^\(*true\)*$/i.test(text)
}

function dropped({ schema, name }: Relation, policy: Policy): Sql {
  return sql`drop policy ${ident(policy.name)} on ${qualifiedName(schema, name)}`
}

function created({ schema, name }: Relation, policy: Policy): Sql {
  const { permissive, command, roles, using, withCheck } = policy
  const parts = [
    sql`create policy ${ident(policy.name)} on ${qualifiedName(schema, name)}`,
    trustedSql(`as ${permissive ? 'permissive' : 'restrictive'} for ${command.toLowerCase()}`),
    sql`to ${roles.length === 0 ? sql`public` : joinSql(roles.map((role) => ident(role)))}`,
    ...(using === null || command === 'INSERT' ? [] : [sql`using (${trustedSql(using)})`]),
    ...(withCheck === null ? [] : [sql`with check (${trustedSql(withCheck)})`]),
  ]
  return joinSql(parts, ' ')
}

/** The policy is there as it was; the server's own text of it is compared. */
function guardOf({ schema, name }: Relation, policy: Policy): Sql {
  const value = (text: string | null): Sql => (text === null ? sql`null` : literal(text))
  const roles = joinSql(policy.roles.toSorted().map((role) => sql`${literal(role)}::name`))
  const wanted = policy.roles.length === 0 ? sql`'{public}'::name[]` : sql`array[${roles}]`
  return sql`select exists (select from pg_catalog.pg_policies where schemaname = ${literal(schema)} and tablename = ${literal(name)} and policyname = ${literal(policy.name)} and permissive = ${literal(policy.permissive ? 'PERMISSIVE' : 'RESTRICTIVE')} and cmd = ${literal(policy.command)} and (select array_agg(r order by r) from unnest(roles) r) = ${wanted} and qual is not distinct from ${value(policy.using)} and with_check is not distinct from ${value(policy.withCheck)})`
}
