import { arch, cpus, loadavg } from 'node:os'
import type { LoadResult } from './run-load.js'

/** A result as a section of Markdown. */
export function loadReport(result: LoadResult): string {
  const { options, tenants, statuses, violations, compared, latencies } = result
  const { recoveries, afterwards, memory, isAlive } = result
  const { clients, seconds, restarts, seed } = options
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(', ')
  const good = latencies.length
  const quantile = (part: number): string =>
    `${number(Math.round(latencies[Math.floor(part * good)] ?? 0))} ms`
  return [
    `## ${String(clients)} clients of ${String(tenants)} tenants for ${String(seconds)} s, the database restarted ${String(restarts)} times`,
    '',
    `Seed ${String(seed)}; ${String(cpus().length)} x ${cpus()[0]?.model ?? arch()}, load ${load}; Node ${process.version}.`,
    `Clients, database and server share the machine. Commit ${process.env['WATERTIGHT_API_LOAD_COMMIT'] ?? 'unknown'}.`,
    '',
    '| figure | value |',
    '| --- | ---: |',
    `| replies of another tenant, untyped or unexpected | ${number(violations.length)} |`,
    `| ids of rows compared with whose they are | ${number(compared)} |`,
    `| replies as asked for | ${number(good)} (${number(Math.round(good / seconds))}/s) |`,
    `| half of them within | ${quantile(0.5)} |`,
    `| 95 of 100 within | ${quantile(0.95)} |`,
    `| 99 of 100 within | ${quantile(0.99)} |`,
    `| first good reply after a restart | ${recoveries.map((time) => `${number(Math.round(time))} ms`).join(', ')} |`,
    `| good replies after the last restart | ${number(afterwards.good)} |`,
    `| 503 later than 10 s after it | ${number(afterwards.unavailable)} |`,
    `| the same process to the end | ${isAlive ? 'yes' : 'no'} |`,
    `| resident set of the server, highest | ${memory.highest.toFixed(0)} MB |`,
    `| its slope after the first third | ${memory.slope.toFixed(1)} MB a minute (${number(memory.samples)} samples) |`,
    '',
    '| status | replies |',
    '| --- | ---: |',
    ...Array.from(statuses)
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `| ${status === 0 ? 'none' : String(status)} | ${number(count)} |`),
    '',
    ...violations.slice(0, 40).map((line) => `- ${line.replaceAll(/\s+/g, ' ')}`),
  ].join('\n')
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
