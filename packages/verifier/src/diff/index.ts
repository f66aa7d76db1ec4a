export { diffIsolation } from './diff-isolation.js'
export type { DiffInput, DiffOptions } from './diff-isolation.js'
export { diffExitCode } from './diff-result.js'
export type {
  DiffCell,
  DiffEffect,
  DiffExample,
  DiffExampleRow,
  DiffFact,
  DiffResult,
  DiffVerdict,
} from './diff-result.js'
export { renderDiffMarkdown } from './render-markdown.js'
export { renderDiffPretty } from './render-pretty.js'
