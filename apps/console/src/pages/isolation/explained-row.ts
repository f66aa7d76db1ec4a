import type { operations } from '../../api/schema.js'

/** An explanation, as the API has it. */
export type ExplainedRow = operations['explainRow']['responses'][200]['content']['application/json']
