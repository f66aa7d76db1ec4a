import { z } from 'zod'
import type { CellDetail, CellRow, FindingRow } from './cell-repository.js'
import type { RunDetail, RunRow } from './run-repository.js'

const verdict = z.enum(['leak', 'unknown', 'proven', 'not-applicable'])
const time = z.nullable(z.iso.datetime())

/** Commands of the matrix. */
export const cellCommand = z.enum(['SELECT', 'INSERT', 'UPDATE', 'DELETE'])
/** Modes of the matrix. */
export const cellMode = z.enum(['member', 'public', 'auditor', 'worker', 'platform'])
/** Verdicts of cells. */
export const cellVerdict = verdict
/** Forms of the evidence report. */
export const reportFormat = z.enum(['html', 'json', 'sarif', 'markdown'])

/** A run as replies show it. */
export const isolationRun = z.object({
  id: z.uuid(),
  status: z.enum(['queued', 'running', 'finished', 'failed']),
  /** Of a run that is open: no checker has spoken of it for half a minute. */
  isStalled: z.boolean(),
  requestedAt: z.iso.datetime(),
  startedAt: time,
  finishedAt: time,
  durationSeconds: z.nullable(z.number()),
  withAttacks: z.boolean(),
  /** Null unless it is running. */
  progress: z.nullable(
    z.object({
      phase: z.enum(['catalog', 'lint', 'prove', 'attack', 'two-worlds']),
      done: z.int(),
      total: z.int(),
      object: z.nullable(z.string()),
    }),
  ),
  /** `holds` only when every cell has an answer. Null until it is finished. */
  result: z.nullable(z.enum(['holds', 'findings', 'incomplete'])),
  failure: z.nullable(z.string()),
  toolVersion: z.nullable(z.string()),
  /** As `server_version_num` has it. */
  serverVersion: z.nullable(z.int()),
  totals: z.object({
    proven: z.int(),
    leaking: z.int(),
    /** Not proven and not refuted: `tested` and `notChecked` together. */
    unknown: z.int(),
    /** Of the unknown, those that probes were refused in. */
    tested: z.int(),
    notChecked: z.int(),
    notApplicable: z.int(),
    errors: z.int(),
    warnings: z.int(),
    infos: z.int(),
  }),
  /** The run before, and how many cells have another verdict than there. */
  comparedWith: z.nullable(z.uuid()),
  changed: z.int(),
  formats: z.array(reportFormat),
})

/** A run with what it says beside its cells. */
export const isolationRunDetail = isolationRun.extend({
  stages: z.array(z.object({ stage: z.string(), state: z.string(), reason: z.string() })),
  classes: z.array(
    z.object({
      class: z.string(),
      total: z.int(),
      checked: z.int(),
      skipped: z.int(),
      impossible: z.int(),
      reasons: z.array(
        z.object({
          state: z.string(),
          reason: z.string(),
          count: z.int(),
          examples: z.array(z.string()),
        }),
      ),
    }),
  ),
  assumptions: z.array(z.object({ text: z.string(), cells: z.int() })),
  /** SHA-256 of the catalog and of the model that were checked; null until it is finished. */
  hashes: z.nullable(z.object({ catalog: z.string(), model: z.string() })),
})

/** A cell of the matrix. */
export const isolationCell = z.object({
  id: z.uuid(),
  object: z.string(),
  kind: z.string(),
  role: z.string(),
  mode: z.nullable(cellMode),
  command: cellCommand,
  verdict,
  /** `catalog`: the catalog alone says it; `none`: it was not checked. */
  method: z.enum(['proof', 'attack', 'catalog', 'none']),
  /** Of the run before; null where that had no such cell. */
  previousVerdict: z.nullable(verdict),
  /** Probes that were run and refused, or got through. */
  probes: z.int(),
})

/** A finding of a run. */
export const isolationFinding = z.object({
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  object: z.string(),
  command: z.nullable(z.string()),
  role: z.nullable(z.string()),
  message: z.string(),
  /** The statement that shows a leak; values are placeholders or made up. */
  statement: z.nullable(z.string()),
  fixSql: z.nullable(z.string()),
  remedy: z.nullable(z.string()),
  docs: z.string(),
  key: z.string(),
  /** Null for findings that count. */
  acceptedBecause: z.nullable(z.string()),
})

/** A cell with the grounds of its verdict. */
export const isolationCellDetail = isolationCell.extend({
  reason: z.string(),
  /** What the proof takes for granted. */
  assumptions: z.array(z.string()),
  /** The policies that decide, permissive ones first. */
  policies: z.array(
    z.object({
      name: z.string(),
      permissive: z.boolean(),
      command: z.enum(['ALL', ...cellCommand.options]),
      roles: z.array(z.string()),
      using: z.nullable(z.string()),
      withCheck: z.nullable(z.string()),
    }),
  ),
  /** Of a leak: what got through, by which statement. */
  counterexample: z.nullable(
    z.object({ rule: z.string(), message: z.string(), statement: z.nullable(z.string()) }),
  ),
  findings: z.array(isolationFinding),
})

/** The row as a reply. */
export function shownRun(row: RunRow): z.input<typeof isolationRun> {
  const { startedAt, finishedAt, phase } = row
  const end = finishedAt?.getTime() ?? null
  const isRunning = row.status === 'running' && phase !== null
  return {
    id: row.id,
    status: row.status,
    isStalled: row.isStalled,
    requestedAt: row.requestedAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    durationSeconds: startedAt === null || end === null ? null : (end - +startedAt) / 1000,
    withAttacks: row.withAttacks,
    progress: isRunning ? progressOf(row, phase) : null,
    result: row.result,
    failure: row.failure,
    toolVersion: row.toolVersion,
    serverVersion: row.serverVersion,
    totals: {
      proven: row.proven,
      leaking: row.leaks,
      unknown: row.unknown,
      tested: row.tested,
      notChecked: row.unknown - row.tested,
      notApplicable: row.notApplicable,
      errors: row.errors,
      warnings: row.warnings,
      infos: row.infos,
    },
    comparedWith: row.comparedWith,
    changed: row.changed,
    formats: z.array(reportFormat).parse(row.formats),
  }
}

type Progress = NonNullable<z.input<typeof isolationRun>['progress']>

function progressOf(row: RunRow, phase: string): Progress {
  const { stepsDone: done, stepsTotal: total, currentObject: object } = row
  return {
    phase: isolationRun.shape.progress.unwrap().shape.phase.parse(phase),
    done,
    total,
    object,
  }
}

/** The row as a reply. */
export function shownRunDetail(
  row: RunRow & { readonly detail: RunDetail },
): z.input<typeof isolationRunDetail> {
  const { shape } = isolationRunDetail
  const { stages, classes, assumptions, hashes } = row.detail
  return {
    ...shownRun(row),
    stages: shape.stages.parse(stages ?? []),
    classes: shape.classes.parse(classes ?? []),
    assumptions: shape.assumptions.parse(assumptions ?? []),
    hashes: hashes ?? null,
  }
}

/** The row as a reply. */
export function shownCell({ mode, command, ...row }: CellRow): z.input<typeof isolationCell> {
  return {
    ...row,
    mode: z.nullable(cellMode).parse(mode),
    command: cellCommand.parse(command),
  }
}

/** The row as a reply. */
export function shownFinding(row: FindingRow): z.input<typeof isolationFinding> {
  return row
}

/** The row as a reply. */
export function shownCellDetail(row: CellDetail): z.input<typeof isolationCellDetail> {
  const { policies, findings, reason } = row
  const proof = findings.find(
    ({ severity, statement }) => severity === 'error' && statement !== null,
  )
  const isLeak = row.verdict === 'leak'
  return {
    ...shownCell(row),
    reason,
    assumptions: [...row.assumptions],
    policies: isolationCellDetail.shape.policies.parse(
      policies.toSorted((a, b) => Number(b.permissive) - Number(a.permissive)),
    ),
    counterexample: isLeak ? (proof ?? { rule: 'leak', message: reason, statement: null }) : null,
    findings: findings.map(shownFinding),
  }
}
