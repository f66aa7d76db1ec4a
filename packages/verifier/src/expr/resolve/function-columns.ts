import type { FunctionItem } from '../ir/select.js'
import type { NameLookup } from './resolution.js'

/** Columns of functions of pg_catalog that are used in FROM; `scalar` has one of the alias' name. */
const builtin: Readonly<Record<string, readonly string[] | 'scalar'>> = {
  generate_series: 'scalar',
  generate_subscripts: 'scalar',
  json_array_elements: ['value'],
  json_array_elements_text: ['value'],
  json_each: ['key', 'value'],
  json_each_text: ['key', 'value'],
  json_object_keys: 'scalar',
  jsonb_array_elements: ['value'],
  jsonb_array_elements_text: ['value'],
  jsonb_each: ['key', 'value'],
  jsonb_each_text: ['key', 'value'],
  jsonb_object_keys: 'scalar',
  jsonb_path_query: 'scalar',
  regexp_matches: 'scalar',
  regexp_split_to_table: 'scalar',
  string_to_table: 'scalar',
}

/** The columns that a function in FROM shows, and whether these are all. */
export function functionColumns(
  item: FunctionItem,
  lookup: NameLookup,
): { columns: readonly string[]; complete: boolean } {
  const ordinality = item.ordinality ? ['ordinality'] : []
  if (item.definitions.length > 0) {
    return { columns: item.definitions.map(({ name }) => name), complete: true }
  }
  const { call, alias } = item
  // Values of the standard such as CURRENT_DATE are of a base type.
  const known = call.kind === 'call' ? knownColumns(call, lookup) : 'scalar'
  if (known === null) return { columns: alias?.columns ?? [], complete: false }
  const name = call.kind === 'call' ? call.function.name : 'value'
  const columns = known === 'scalar' ? [alias?.name ?? name] : known
  return {
    columns: [...columns, ...ordinality].map((name, index) => alias?.columns[index] ?? name),
    complete: true,
  }
}

function knownColumns(
  call: Extract<FunctionItem['call'], { kind: 'call' }>,
  lookup: NameLookup,
): readonly string[] | 'scalar' | null {
  const answer = lookup.functionColumns?.(call) ?? null
  if (answer !== null) return answer
  const { schema, name } = call.function
  if ((schema ?? 'pg_catalog') !== 'pg_catalog' || !Object.hasOwn(builtin, name)) return null
  return builtin[name] ?? null
}
