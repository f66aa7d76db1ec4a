import { recordResult, today } from '../bench-server.js'
import { printReport } from './report.js'
import type { BenchReport } from './report-shape.js'
import { workloads } from './workloads.js'

/** Writes `throughput-<date>.md` and `.json`. */
export async function recordReport(folder: string, report: BenchReport): Promise<void> {
  const option = report.settings['quick'] === true ? '--quick ' : ''
  const asked = String(report.settings['workloads'])
  const all = workloads.map(({ name }) => name).join(',')
  const chosen = option !== '' || asked === all ? '' : `--workloads '${asked}' `
  const text = [
    `# Throughput, ${today()}`,
    '',
    `Made by \`npm run bench -- ${option}${chosen}--out bench/results\`.`,
    '',
    printReport(report),
    '',
  ].join('\n')
  await recordResult(folder, 'throughput', text, report)
}
