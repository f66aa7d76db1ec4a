import { integer, literal, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { WatertightError } from 'watertight/errors'
import type { Literal } from '../ir/expr.js'

/** A constant. */
export function printLiteral(constant: Literal): Sql {
  switch (constant.type) {
    case 'null':
      return sql`NULL`
    case 'boolean':
      return constant.value ? sql`true` : sql`false`
    case 'integer':
      return integer(constant.value)
    case 'numeric':
      return checked(constant.value, /^-?[0-9][0-9a-z_.+-]*$|^-?\.[0-9][0-9_e+-]*$/i)
    case 'string':
      return literal(constant.value)
    case 'bits': {
      const digits = checked(constant.value.slice(1), /^[0-9a-f]*$/i)
      return constant.value.startsWith('x') ? sql`x'${digits}'` : sql`b'${digits}'`
    }
  }
}

/** SECURITY: text that goes into SQL unquoted must have the form of a number. */
function checked(text: string, form: RegExp): Sql {
  if (form.test(text) && !text.includes('--')) return trustedSql(text)
  throw new WatertightError('INVALID_INPUT', `not a constant: ${JSON.stringify(text)}`)
}
