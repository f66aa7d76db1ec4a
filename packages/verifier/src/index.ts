export { check } from './check/check.js'
export { inferModel } from './check/infer/infer-model.js'
export type { InferredModel } from './check/infer/infer-model.js'
export type { CheckOptions, CheckProgress } from './check/check.js'
export type { ProofCache } from './check/proof-cache/proof-cache.js'
export { exitCodeOf } from './findings/index.js'
export type { CheckResult, CoverageRow, Finding, Severity, Verdict } from './findings/index.js'
export { ruleTitles } from './check/rule-titles.js'
export { diffExitCode, diffIsolation } from './diff/index.js'
export type {
  DiffCell,
  DiffEffect,
  DiffExample,
  DiffExampleRow,
  DiffFact,
  DiffInput,
  DiffOptions,
  DiffResult,
  DiffVerdict,
} from './diff/index.js'
