import type { SqlType } from './value.js'

/** Built-in functions that return a value and do nothing else; the value is not modelled. */
export const pureFunctions: Readonly<Record<string, SqlType>> = {
  ...all(
    'text',
    'lower upper btrim ltrim rtrim trim substr substring left right split_part concat concat_ws md5 replace reverse to_char regexp_replace translate initcap lpad rpad repeat format quote_literal quote_ident encode array_to_string json_typeof jsonb_typeof text',
  ),
  ...all(
    'int',
    'length char_length character_length octet_length array_length cardinality strpos position array_position jsonb_array_length json_array_length abs sign ascii',
  ),
  ...all(
    'bool',
    'starts_with jsonb_exists jsonb_exists_any jsonb_exists_all pg_has_role has_table_privilege has_schema_privilege isfinite regexp_like',
  ),
  ...all(
    'json',
    'to_json to_jsonb row_to_json jsonb_build_object json_build_object jsonb_build_array json_build_array jsonb_set',
  ),
  ...all(
    'other:value',
    'date_trunc date_part extract age make_interval round floor ceil ceiling trunc mod sha256 digest decode string_to_array array_append array_cat array_remove regexp_match regexp_split_to_array to_date to_timestamp numeric',
  ),
}

function all(type: SqlType, names: string): Readonly<Record<string, SqlType>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]))
}

/** Names of functions of `pg_catalog` that expressions call. */
export const builtinNames: ReadonlySet<string> = new Set([
  ...Object.keys(pureFunctions),
  ...'current_setting set_config now transaction_timestamp statement_timestamp clock_timestamp random'.split(
    ' ',
  ),
])
