import type { FunctionInfo } from 'watertight/catalog'
import {
  dollarQuoted,
  ident,
  joinSql,
  literal,
  qualifiedName,
  sql,
  trustedSql,
} from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { calledFunctions } from '../../../expr/mentions.js'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { takes } from '../../grant-tables/key-pairs.js'
import { policyReach } from '../../policy-text/policy-reach.js'
import type { Target } from '../../target.js'
import { foreignSelect } from '../foreign-select/index.js'

/** Puts a function of its own in front of one that the functions of policies call by its bare name. */
export const shadowFunction: Attack = {
  id: 'shadow-function',
  title: 'Stands in for a function that policies trust, from a schema where it may make objects.',
  command: 'SELECT',
  context: 'own',
  applies: (input, target, role) =>
    trusted(input, target, role).length > 0 && writableSchemas(input, role).length > 0,
  run: async (probe) => {
    const { input, role, session, target } = probe
    const plain = await session.attempt(() => foreignSelect.run(probe))
    if (plain.kind !== 'held') return inconclusive('it is not held without any function of its own')
    let best: Outcome = inconclusive('no function can be made that stands in for one')
    for (const schema of writableSchemas(input, role)) {
      for (const fn of trusted(input, target, role)) {
        const seen = await session.attempt(async () =>
          (await standIn(probe, schema, fn)) ? foreignSelect.run(probe) : null,
        )
        if (seen?.kind === 'leak') return leak(probe, schema, fn)
        if (seen !== null) best = held
      }
    }
    return best
  },
}

const most = 8

/** Functions that bodies behind the policies call; what policies call themselves is bound by its OID. */
function trusted(input: LintInput, target: Target, role: string): readonly FunctionInfo[] {
  const { own, all } = policyReach(input, target.table.relation, role, 'SELECT')
  const called = new Set(all.filter((tokens) => !own.includes(tokens)).flatMap(calledFunctions))
  return input.catalog.functions
    .filter(({ name, kind, extension }) => called.has(name) && kind === 'function' && !extension)
    .filter(({ identityArguments }) => !/\b(OUT|INOUT|TABLE|VARIADIC)\b/.test(identityArguments))
    .slice(0, most)
}

function writableSchemas({ access, catalog }: LintInput, role: string): readonly string[] {
  const { reachable } = access.closure(role)
  return catalog.schemas
    .filter(
      ({ owner, acl }) =>
        reachable.has(owner) ||
        acl.some(
          ({ privilege, isPublic, grantee }) =>
            privilege === 'CREATE' && (isPublic || reachable.has(grantee)),
        ),
    )
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('pg_'))
    .slice(0, 3)
}

/** The role makes the function and puts its schema first in the search path. */
async function standIn(probe: Probe, schema: string, fn: FunctionInfo): Promise<boolean> {
  const answer = answerOf(probe, fn)
  if (answer === null || schema === fn.schema) return false
  const { session, role, context } = probe
  const made = await session.keep(() =>
    session.as(
      role,
      context,
      sql`create function ${qualifiedName(schema, fn.name)}(${trustedSql(fn.identityArguments)}) returns ${trustedSql(fn.returns)} language sql stable as ${dollarQuoted(sql`select ${answer}`)}`,
    ),
  )
  if (!made.ok) return false
  const path = [schema, ...pathOf(probe.input).filter((name) => name !== schema)]
  const set = await session.keep(() =>
    session.as(
      role,
      context,
      sql`set local search_path to ${joinSql(path.map((name) => ident(name)))}`,
    ),
  )
  return set.ok
}

/** The schemas of the functions and tables stay in reach. */
function pathOf({ model, catalog }: LintInput): readonly string[] {
  const named = catalog.server.settings['search_path'] ?? ''
  const listed = named.split(',').map((part) => part.trim().replaceAll('"', ''))
  return [...new Set([...listed, ...model.schemas, 'public'])].filter(
    (name) => name !== '' && name !== '$user',
  )
}

/** What the stand-in says: the victim's key, or yes. */
function answerOf(probe: Probe, { returns }: FunctionInfo): Sql | null {
  const type = returns.replace(/^SETOF /i, '')
  if (type === 'boolean') return sql`true`
  const element = type.replace(/\[\]$/, '')
  const column = { baseType: element, generated: null }
  const value = probe.foreignPrincipal.tenant
  if (!takes(column, value)) return null
  const key = sql`${literal(value)}::${trustedSql(element)}`
  return type === element ? key : sql`array[${key}]`
}

function leak({ role }: Probe, schema: string, fn: FunctionInfo): Outcome {
  return {
    kind: 'leak',
    statement: sql`create function ${qualifiedName(schema, fn.name)}(${trustedSql(fn.identityArguments)}) …`,
    what: `rows of another tenant are visible once ${role} made a function ${fn.name} in schema ${schema}, which functions of the policies call in place of the one in ${fn.schema}`,
    related: [`schema ${schema}`],
  }
}
