import type { CheckResult, CoverageRow } from '@watertight/verifier'
import { renderReport } from '@watertight/verifier/report'
import { ruleTitles } from '@watertight/verifier'
import type { RuntimeRole, TenancyModel } from 'watertight/model'
import type { KeptCell, KeptResult } from './checker-repository.js'

const forms = ['html', 'json', 'sarif', 'markdown'] as const
const commands: readonly string[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
const modes: readonly (readonly [RuntimeRole, string])[] = [
  ['app', 'member'],
  ['public', 'public'],
  ['auditor', 'auditor'],
  ['worker', 'worker'],
  ['platform', 'platform'],
]

/** The result of a check as a run keeps it. */
export function keptResult(
  result: CheckResult,
  policies: object,
  { roles }: TenancyModel,
): KeptResult {
  const { summary, coverage } = result
  const cells = cellsOf(coverage, roles)
  const accepted = result.accepted.map(({ finding, reason, until }) => ({
    ...finding,
    acceptedBecause: `accepted until ${until}: ${reason}`,
  }))
  return {
    result: resultOf(result),
    toolVersion: result.tool.version,
    serverVersion: result.server.versionNum,
    proven: summary.proven,
    leaks: summary.leak,
    unknown: summary.unknown,
    tested: cells.filter(({ verdict, method }) => verdict === 'unknown' && method === 'attack')
      .length,
    notApplicable: summary.notApplicable,
    errors: summary.errors,
    warnings: summary.warnings,
    infos: summary.infos,
    report: {
      stages: result.stages,
      classes: result.classes,
      assumptions: result.assumptions,
      hashes: result.hashes,
      findings: [...result.findings, ...accepted],
      policies,
    },
    downloads: Object.fromEntries(
      forms.map((form) => [form, renderReport(form, result, { titles: ruleTitles })]),
    ),
    cells,
  }
}

/** Green only when everything has an answer and nothing speaks against it. */
function resultOf({ summary, coverage }: CheckResult): KeptResult['result'] {
  if (summary.errors > 0 || summary.leak > 0) return 'findings'
  return summary.unknown > 0 || coverage.length === 0 ? 'incomplete' : 'holds'
}

function cellsOf(coverage: readonly CoverageRow[], roles: TenancyModel['roles']): KeptCell[] {
  const modeOf = new Map(
    modes.flatMap(([role, mode]) => (roles[role] === null ? [] : [[roles[role], mode] as const])),
  )
  const order = [...modeOf.keys()]
  const place = (role: string): number =>
    (order.indexOf(role) + order.length + 1) % (order.length + 1)
  return coverage
    .toSorted(
      (a, b) =>
        Number(a.object > b.object) - Number(a.object < b.object) ||
        place(a.role) - place(b.role) ||
        Number(a.role > b.role) - Number(a.role < b.role) ||
        commands.indexOf(a.command) - commands.indexOf(b.command),
    )
    .map((row, index) => ({
      position: index + 1,
      object: row.object,
      kind: row.kind,
      role: row.role,
      mode: modeOf.get(row.role) ?? null,
      command: row.command,
      verdict: row.verdict,
      method: methodOf(row),
      probes: row.probes ?? 0,
      reason: row.reason,
      assumptions: row.assumptions,
    }))
}

/** A proof that the solver made is a proof; that the layer is as generated is a fact of the catalog. */
function methodOf({ verdict, by }: CoverageRow): KeptCell['method'] {
  switch (verdict) {
    case 'leak':
      return by === 'lint' ? 'catalog' : 'attack'
    case 'proven':
      return by === 'prove' ? 'proof' : 'catalog'
    case 'unknown':
      return by === 'attack' ? 'attack' : 'none'
    case 'not-applicable':
      return 'catalog'
  }
}
