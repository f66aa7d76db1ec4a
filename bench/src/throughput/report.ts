import { markdownTable } from '../bench-server.js'
import { printLoads } from '../loads/print-loads.js'
import type { BenchReport } from './report-shape.js'
import type { Spread } from './rounds.js'
import { targetsOf } from './targets.js'

/** The report as Markdown. */
export function printReport(report: BenchReport): string {
  const { machine, server, settings, roundTrips } = report
  const { cpu, cores, memoryGb, system, node, load } = machine
  return [
    `${cores} x ${cpu}, ${memoryGb} GB, ${system}; Node ${node}; PostgreSQL ${server.version}; load ${load.join(' ')}.`,
    `${settings['tenants']} tenants of ${settings['itemsPerTenant']} items; ${settings['callers']} callers on a pool of ` +
      `${settings['poolSize']}; ${settings['rounds']} interleaved rounds, median (least to most).`,
    '',
    '## Round trips',
    '',
    markdownTable(
      [
        'driver',
        'one statement',
        'three dependent',
        'three dependent, read-only',
        'batch of three',
      ],
      Object.entries(roundTrips).map(([driver, trips]) => [
        driver,
        trips.oneShot,
        trips.interactive3,
        trips.readOnly3,
        trips.batch3,
      ]),
    ),
    '',
    '## Targets',
    '',
    markdownTable(
      ['ratio', 'wanted', 'median', ''],
      targetsOf(report).map(({ name, wanted, median, isMet }) => [
        name,
        wanted,
        median === null ? '-' : median.toFixed(2),
        isMet === null ? 'not measured' : isMet ? 'met' : 'FALLS SHORT',
      ]),
    ),
    '',
    '## Transactions per second, and client processor time per transaction',
    '',
    figuresTable(report),
    ...serverTable(report),
    ...printLoads(report.loads),
    ...remarks(report),
    '',
    `Packages: ${Object.entries(report.packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
  ].join('\n')
}

function figuresTable({ variants }: BenchReport): string {
  const workloads = [
    ...new Set(Object.values(variants).flatMap(({ workloads }) => Object.keys(workloads))),
  ]
  return markdownTable(
    ['variant', ...workloads],
    Object.entries(variants).map(([name, { status, workloads: figures }]) => [
      status === 'valid' ? name : `${name} (${status})`,
      ...workloads.map((workload) => {
        const found = figures[workload]
        if (found === undefined) return '-'
        return `${spread(found.perSecond)}; ${found.clientCpuUs.median.toFixed(0)} µs`
      }),
    ]),
  )
}

function serverTable({ serverSide }: BenchReport): readonly string[] {
  if (serverSide === null) return ['', 'The server alone was not measured: there is no pgbench.']
  const rows = Object.entries(serverSide.perSecond).map(([name, rate]) => [name, spread(rate)])
  return [
    '',
    `## The server alone (${serverSide.by}, prepared, two connections)`,
    '',
    markdownTable(['script', 'transactions per second'], rows),
  ]
}

function remarks({ variants }: BenchReport): readonly string[] {
  return Object.entries(variants).flatMap(([name, { status, reason }]) =>
    reason === null ? [] : ['', `${name} is ${status}: ${reason}`],
  )
}

function spread({ median, min, max }: Spread): string {
  return `${median.toFixed(0)} (${min.toFixed(0)} to ${max.toFixed(0)})`
}
