import published from 'watertight/eslint'
import { noSqlInterpolation } from './no-sql-interpolation.mjs'

/** The project's own oxlint rules, and those it publishes, as `npm run build` has built them. */
const plugin = {
  meta: { name: 'watertight' },
  rules: { ...published.rules, 'no-sql-interpolation': noSqlInterpolation },
}

export default plugin
