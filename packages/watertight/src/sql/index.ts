export { derivedName } from './derived-name.js'
export type { Queryable, StatementResult } from './queryable.js'
export { byteLength, maxIdentifierBytes, quoteIdentifier, quoteLiteral } from './quote.js'
export { reservedWords } from './reserved-words.js'
export {
  dollarQuoted,
  emptySql,
  ident,
  integer,
  joinSql,
  literal,
  qualifiedName,
  sql,
  trustedSql,
} from './sql.js'
export type { Sql } from './sql.js'
