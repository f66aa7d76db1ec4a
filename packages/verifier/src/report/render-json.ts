import type { CheckResult } from '../findings/index.js'

/** The result as JSON, `schema` first; `schema/check-result.schema.json` describes it. */
export function renderJson(result: CheckResult): string {
  return `${JSON.stringify(result, null, 2)}\n`
}
