import { noSqlInterpolation } from './no-sql-interpolation.mjs'

/** The project's own oxlint rules. */
const plugin = {
  meta: { name: 'watertight' },
  rules: { 'no-sql-interpolation': noSqlInterpolation },
}

export default plugin
