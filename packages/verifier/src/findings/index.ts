export type {
  AccessGraph,
  GraphEdge,
  GraphEdgeKind,
  GraphNode,
  GraphNodeKind,
  GraphSummary,
  SourceReach,
  TenantSource,
} from './access-graph.js'
export { checkSchemaId, exitCodeOf, provesNothing } from './check-result.js'
export type {
  AcceptedResult,
  Assumption,
  CheckResult,
  CheckSummary,
  ExitOptions,
} from './check-result.js'
export { findingKey, makeFinding } from './finding.js'
export type { Evidence, Finding, FindingInput } from './finding.js'
export { applyBaseline, baselineOf, parseBaseline } from './baseline.js'
export type { Baseline, BaselineEntry } from './baseline.js'
export type { ClassCoverage, ClassReason, ObjectClass, StageCoverage } from './object-class.js'
export { compareSeverity, severities } from './severity.js'
export type { Severity } from './severity.js'
export { compareVerdict, verdicts } from './verdict.js'
export type { CoverageRow, Verdict, VerdictSource } from './verdict.js'
