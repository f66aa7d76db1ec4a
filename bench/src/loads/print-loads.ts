import { markdownTable } from '../bench-server.js'
import type { Spread } from '../throughput/rounds.js'
import type { Loads } from './measure-loads.js'
import type { Pooled } from './through-pgbouncer.js'
import type { WhaleMix } from './whale-mix.js'

/** The figures of the loads as Markdown; nothing where they were not measured. */
export function printLoads(loads: Loads | null | undefined): readonly string[] {
  if (loads == null) return []
  return [...whaleMixTable(loads.whaleMix), ...pooledTable(loads.pgBouncer)]
}

function whaleMixTable({
  whaleRows,
  minnows,
  rowsPerMinnow,
  callers,
  variants,
}: WhaleMix): readonly string[] {
  const rows = Object.entries(variants).flatMap(([name, { status, ...classes }]) =>
    (['whale', 'minnow'] as const).map((kind) => [
      status === 'valid' ? name : `${name} (${status})`,
      kind,
      spread(classes[kind].perSecond),
      spread(classes[kind].p50Us),
      spread(classes[kind].p99Us),
    ]),
  )
  return [
    '',
    `## A tenant of ${whaleRows} rows among ${minnows} of ${rowsPerMinnow}, ${callers} callers, every fourth call the large one`,
    '',
    markdownTable(['variant', 'class', 'per second', 'p50 µs', 'p99 µs'], rows),
  ]
}

function pooledTable(pooled: Pooled | null): readonly string[] {
  if (pooled === null) {
    return ['', 'Nothing was measured through PgBouncer: it is not installed, or failed.']
  }
  const rows = Object.entries(pooled.variants).map(([name, figures]) => [
    figures.status === 'valid' ? name : `${name} (${figures.status})`,
    spread(figures.perSecond),
    figures.clientCpuUs.median.toFixed(0),
    figures.vsRaw.median.toFixed(2),
  ])
  return [
    '',
    `## ${pooled.callers} callers through PgBouncer in transaction mode, ${pooled.serverPoolSize} connections to the server, primary-key read`,
    '',
    markdownTable(
      ['variant', 'per second', 'client µs', 'against raw pg through the same pooler'],
      rows,
    ),
  ]
}

function spread({ median, min, max }: Spread): string {
  return `${median.toFixed(0)} (${min.toFixed(0)} to ${max.toFixed(0)})`
}
