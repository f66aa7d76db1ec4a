import { arch, cpus, loadavg } from 'node:os'
import type { Finding, FuzzResult } from './run-fuzz.js'

const kinds: readonly Finding['kind'][] = ['server error', 'outside of the document', 'foreign row']

/** A result as a section of Markdown. */
export function fuzzReport(result: FuzzResult): string {
  const { options, operations, seconds, statuses, succeeded, compared, findings } = result
  const { requests, seed, parallel } = options
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(', ')
  return [
    `## ${number(requests)} generated requests to ${number(operations.length)} operations, seed ${String(seed)}`,
    '',
    `${number(Math.round(seconds))} s, ${number(Math.round(requests / seconds))} requests/s, ${String(parallel)} at a time;`,
    `${String(cpus().length)} x ${cpus()[0]?.model ?? arch()}, load ${load}; Node ${process.version}.`,
    `Commit ${process.env['WATERTIGHT_API_FUZZ_COMMIT'] ?? 'unknown'}.`,
    '',
    '| must not happen | seen |',
    '| --- | ---: |',
    ...kinds.map(
      (kind) => `| ${kind} | ${number(findings.filter((each) => each.kind === kind).length)} |`,
    ),
    '',
    `${number(succeeded.size)} operations were done at least once; ${number(compared)} ids and texts of`,
    'replies were looked up among the rows of all tenants.',
    '',
    `Never done: ${operations.filter((id) => !succeeded.has(id)).join(', ')}.`,
    '',
    '| status | replies |',
    '| --- | ---: |',
    ...Array.from(statuses)
      .sort(([a], [b]) => a - b)
      .map(
        ([status, count]) => `| ${status === 0 ? 'cut off' : String(status)} | ${number(count)} |`,
      ),
    '',
    ...distinct(findings)
      .slice(0, 60)
      .map(({ kind, fault, request, reply }) =>
        `- ${kind}: ${fault}; \`${request}\` → \`${reply}\``.replaceAll(/\s+/g, ' '),
      ),
  ].join('\n')
}

/** One of each fault of an operation. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const byKind = new Map(
    findings.map((each) => [
      `${each.fault.replaceAll(/[0-9]+/g, '#')} ${each.request.split(' ')[0] ?? ''}`,
      each,
    ]),
  )
  return [...byKind.values()]
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
