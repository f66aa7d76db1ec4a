import type { operations } from '../../api/schema.js'

/** What the server tells platform staff about its load and its plans. */
export type PerformanceReport =
  operations['getPerformance']['responses'][200]['content']['application/json']
