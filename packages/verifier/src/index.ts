export { acceptHorizonDays, acceptProblems } from './check/accept-horizon.js'
export { accessGraph } from './graph/access-graph.js'
export type { AccessGraphInput } from './graph/access-graph.js'
export { parentKey } from './graph/parent-key.js'
export type { KeyToParent } from './graph/parent-key.js'
export { check } from './check/check.js'
export { inferModel } from './check/infer/infer-model.js'
export type { InferredModel } from './check/infer/infer-model.js'
export { loadParser } from './expr/index.js'
export type { CheckOptions, CheckProgress } from './check/check.js'
export { templateWorlds } from './attack/two-world/template-worlds.js'
export type { TemplateWorldOptions, WorldConnection } from './attack/two-world/template-worlds.js'
export type { WorldMaker } from './attack/two-world/world-maker.js'
export type { ProofCache } from './check/proof-cache/proof-cache.js'
export { exitCodeOf } from './findings/index.js'
export type { CheckResult, CoverageRow, Finding, Severity, Verdict } from './findings/index.js'
export { ruleTitles } from './check/rule-titles.js'
export { diffExitCode, diffIsolation, renderDiffMarkdown, renderDiffPretty } from './diff/index.js'
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
export {
  killingTests,
  mutateExitCode,
  mutateSchemaId,
  planMutants,
  printNodeTest,
  printSqlTest,
  renderMutatePretty,
  summarise,
} from './mutate/index.js'
export type {
  KillingTest,
  Mutant,
  MutantKind,
  MutantOutcome,
  MutantStatus,
  MutateResult,
} from './mutate/index.js'
export { openZ3 } from './prove/z3-solver.js'
export type { ClosableSolver } from './prove/z3-solver.js'
