import { recordResult, today } from '../bench-server.js'
import { printReport } from './report.js'
import type { BenchReport } from './report-shape.js'

/** Writes `throughput-<date>.md` and `.json`. */
export async function recordReport(folder: string, report: BenchReport): Promise<void> {
  const option = report.settings['quick'] === true ? '--quick ' : ''
  const text = [
    `# Throughput, ${today()}`,
    '',
    `Made by \`npm run bench -- ${option}--out bench/results\`.`,
    '',
    printReport(report),
    '',
  ].join('\n')
  await recordResult(folder, 'throughput', text, report)
}
