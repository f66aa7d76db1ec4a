import { arch, cpus, loadavg, totalmem } from 'node:os'
import type { ChaosResult } from './machine.js'
import type { World } from './world.js'

/** A result as a section of Markdown. */
export async function reportOf(result: ChaosResult, world: World): Promise<string> {
  const { options, oracle, audit, seconds, injected, outcomes } = result
  const [server] = await world.inspect<{ version: string }>(
    "select current_setting('server_version') as version",
  )
  const way = options.pgbouncer ? 'through PgBouncer in transaction mode' : 'direct'
  const path = `driver ${options.driver}, ${way}`
  const date = new Date().toISOString().slice(0, 10)
  const processor = `${cpus().length} x ${cpus()[0]?.model ?? arch()}`
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(', ')
  return [
    `## ${number(options.operations)} operations, ${path}, ${date}`,
    '',
    `Seed ${options.seed}; ${number(options.tenants)} tenants, ${options.callers} callers on`,
    `${options.connections} connections${options.pgbouncer ? ', 4 on the server' : ''};`,
    `${number(Math.round(seconds))} s, ${number(Math.round(options.operations / seconds))} operations/s.`,
    `${processor}, ${memory}, load ${load}; Node ${process.version}; PostgreSQL ${server?.version}.`,
    `Commit ${process.env['WATERTIGHT_CHAOS_COMMIT'] ?? 'unknown'}.`,
    '',
    ...table(['must not happen', 'seen'], Object.entries(oracle.violations)),
    '',
    bound(options.operations, oracle.violations.foreignRows, 'operations'),
    bound(oracle.rowsSeen, oracle.violations.foreignRows, 'rows read'),
    '',
    `Outcomes as callers were told: ${number(audit.committed)} committed, ${number(audit.failed)}`,
    `failed, ${number(audit.unknown)} unknown; ${number(audit.notes)} rows compared with them.`,
    '',
    ...table(['injected failure', 'times'], [...injected].sort()),
    '',
    ...table(['error that callers got', 'times'], [...oracle.codes].sort()),
    '',
    ...table(
      ['operation', 'committed or refused', 'failed', 'unknown'],
      [...outcomes].sort().map(([name, o]) => [name, o.committed, o.failed, o.unknown]),
    ),
    ...(oracle.cases.length === 0 ? [] : ['', ...oracle.cases.map((text) => `- ${text}`)]),
    '',
  ].join('\n')
}

/** The rule of three: none in N means at most 3/N with 95 % confidence. */
function bound(trials: number, seen: number, what: string): string {
  if (seen > 0 || trials === 0) return `${number(seen)} leaks in ${number(trials)} ${what}.`
  const rate = (3 / trials).toExponential(1)
  return `0 leaks in ${number(trials)} ${what}: with 95 % confidence a rate of at most ${rate}.`
}

function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? number(cell) : cell)),
  )
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  return [
    line(head),
    line(head.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...cells.map(line),
  ]
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
