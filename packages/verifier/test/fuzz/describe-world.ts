import { print } from './expression.js'
import { policySql } from './server/build.js'
import type { Disagreement } from './tally.js'
import type { World } from './world.js'

/** A disagreement as text: what to look at, and how to see it again. */
export function described(world: World, disagreement: Disagreement): string {
  const { what, table, role, form, settings, row } = disagreement
  return [
    `${what}: ${form} on ${table} as ${role} (world ${world.seed}, context ${world.context.kind})`,
    `settings ${JSON.stringify(settings)}`,
    `row ${JSON.stringify(row)}`,
    ...world.functions.map(({ head, body, tail }) => `${head}${print(body)}${tail}`),
    ...world.tables.flatMap(({ name, columns, secured, constraints, policies, rows }) => [
      `${name} (${columns.map((column) => `${column.name} ${column.sqlType}${column.notNull ? ' not null' : ''}`).join(', ')})${secured ? ' secured' : ''} ${constraints.join(', ')}`,
      ...policies.map((policy, index) => `  ${policySql(name, policy, index)}`),
      ...rows.map((each) => `  ${JSON.stringify(each)}`),
    ]),
  ].join('\n')
}
