import type { Relation } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import type { Command } from 'watertight/model'
import { loadParser, normalise, parseExpression, resolve } from '../../expr/index.js'
import type { Expr, NameLookup } from '../../expr/index.js'
import type { LintInput } from '../../lint/rule.js'

/** A condition of a policy with its names resolved; the policy's own row is occurrence 0. */
export interface ParsedPolicy {
  readonly name: string
  readonly permissive: boolean
  /** The condition as PostgreSQL prints it. */
  readonly text: string
  readonly expr: Expr
}

/** The occurrence of the row that a policy is about. */
export const ownRow = 0

/** The conditions that a command meets, new rows included; what cannot be parsed is left out. */
export async function parsedPolicies(
  input: LintInput,
  relation: Relation,
  role: string,
  command: Command,
): Promise<readonly ParsedPolicy[]> {
  await loadParser()
  if (!relation.rls.enabled) return []
  const lookup = lookupIn(input)
  return input.access.policies(role, command, relation).flatMap((policy) => {
    const texts =
      command === 'INSERT' ? [policy.withCheck ?? policy.using] : [policy.using, policy.withCheck]
    return texts
      .filter((text) => text !== null)
      .flatMap((text) => {
        const expr = parsed(text, relation, lookup)
        return expr === null
          ? []
          : [{ name: policy.name, permissive: policy.permissive, text, expr }]
      })
  })
}

function parsed(text: string, relation: Relation, lookup: NameLookup): Expr | null {
  const { schema, name } = relation
  const columns = relation.columns.map((column) => column.name)
  try {
    const expr = normalise(parseExpression(text))
    return resolve(expr, { relations: [{ schema, name, columns }], lookup }).node
  } catch (error) {
    if (error instanceof WatertightError) return null
    throw error
  }
}

function lookupIn(input: LintInput): NameLookup {
  return {
    relation: ({ schema, name }) => {
      const found = input.catalog.relations.filter((relation) => relation.name === name)
      const relation =
        schema === null
          ? (found.find((each) => input.model.schemas.includes(each.schema)) ?? found[0])
          : found.find((each) => each.schema === schema)
      if (relation === undefined) return null
      return {
        schema: relation.schema,
        name,
        columns: relation.columns.map((column) => column.name),
      }
    },
  }
}
