import type { operations } from '../../api/schema.js'

/** A tenant as staff see it. */
export type Tenant = operations['getTenant']['responses'][200]['content']['application/json']
