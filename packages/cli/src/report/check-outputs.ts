import { stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { CheckResult } from '@watertight/verifier'
import type { ReportOptions } from '@watertight/verifier/report'
import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'
import type { CommandEnvironment } from '../command-environment.js'
import { printableLine } from '../terminal/printable.js'
import { printableJson } from './json-output.js'

/** The forms of a report, the one for people first. */
export const outputFormats: readonly [
  'pretty',
  'json',
  'sarif',
  'junit',
  'markdown',
  'html',
  'github',
] = ['pretty', 'json', 'sarif', 'junit', 'markdown', 'html', 'github']

type OutputFormat = (typeof outputFormats)[number]

/** One report of a run; without a file it goes to stdout. */
export interface CheckOutput {
  readonly format: OutputFormat
  readonly path: string | null
}

/** What the flags say about reports. */
export interface OutputInput {
  readonly format?: OutputFormat | undefined
  readonly out?: string | undefined
  readonly report?: readonly string[] | undefined
}

/**
 * The reports of a run: one for stdout or `--out`, and one for each `--report FORMAT=FILE`. Folders
 * are looked at before the run, which may take a minute.
 *
 * @throws USAGE for a report that is not `FORMAT=FILE`, INVALID_INPUT for a folder that is missing.
 */
export async function checkOutputs(input: OutputInput, cwd: string): Promise<CheckOutput[]> {
  const problems: Problem[] = []
  const outputs: CheckOutput[] = [
    {
      format: input.format ?? 'pretty',
      path: input.out === undefined ? null : resolve(cwd, input.out),
    },
  ]
  for (const report of input.report ?? []) {
    const at = report.indexOf('=')
    const format = outputFormats.find((each) => each === report.slice(0, at))
    const file = report.slice(at + 1)
    if (format === undefined || file === '') {
      problems.push({
        path: `--report ${report}`,
        message: `is FORMAT=FILE, FORMAT one of ${outputFormats.join(', ')}`,
      })
    } else outputs.push({ format, path: resolve(cwd, file) })
  }
  const paths = outputs.flatMap(({ path }) => path ?? [])
  for (const path of new Set(paths.filter((each, index) => paths.indexOf(each) !== index))) {
    problems.push({ path, message: 'is named for two reports' })
  }
  if (problems.length > 0) {
    const lines = problems.map(({ path, message }) => `${path} ${message}`)
    throw new WatertightError('USAGE', lines.join('\n'), {
      problems,
      hint: 'See watertight check --help.',
    })
  }
  for (const path of paths) await refuseMissingFolder(path)
  return outputs
}

async function refuseMissingFolder(path: string): Promise<void> {
  const folder = dirname(path)
  const found = await stat(folder).catch(() => null)
  if (found?.isDirectory() === true) return
  throw new WatertightError('INVALID_INPUT', `there is no folder ${folder} to write a report to`, {
    object: path,
    hint: 'Make the folder first.',
  })
}

/** What every form of report is made from. */
export interface ReportView extends ReportOptions {
  /** Show every source of tenant data. */
  readonly graph: boolean
}

/** Writes every report; files are named on stderr. */
export async function writeOutputs(
  result: CheckResult,
  outputs: readonly CheckOutput[],
  view: ReportView,
  { out, err }: CommandEnvironment,
): Promise<void> {
  const { renderPretty, renderReport } = await import('@watertight/verifier/report')
  for (const { format, path } of outputs) {
    const { style } = out
    const text =
      format === 'pretty'
        ? renderPretty(result, {
            ...view,
            ...(path === null
              ? {
                  color: style.hasColour,
                  width: style.width,
                  unicode: style.hasUnicode,
                  links: style.hasLinks,
                }
              : { color: false, width: 100, unicode: true }),
          })
        : renderReport(format, result, view)
    const isJson = format === 'json' || format === 'sarif'
    const safe = isJson ? printableJson(text) : text
    if (path === null) out.write(safe)
    else {
      await writeFile(path, safe)
      err.lines(`wrote ${format} to ${printableLine(path)}`)
    }
  }
}
