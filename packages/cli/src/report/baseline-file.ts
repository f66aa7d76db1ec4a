import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CheckResult } from '@watertight/verifier'
import type { Baseline } from '@watertight/verifier/findings'
import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'

/** Where a baseline lives when no file is named. */
export const defaultBaseline = 'watertight.baseline.json'

/**
 * Reads the findings that were known before.
 *
 * @throws INVALID_INPUT when the file is missing or is no baseline; it names the file.
 */
export async function readBaseline(cwd: string, file: string): Promise<Baseline> {
  const { parseBaseline } = await import('@watertight/verifier/findings')
  const path = resolve(cwd, file)
  const text = await readFile(path, 'utf8')
  try {
    return parseBaseline(JSON.parse(text))
  } catch (error) {
    const problems: readonly Problem[] = error instanceof WatertightError ? error.problems : []
    throw new WatertightError('INVALID_INPUT', `${path} is no baseline of watertight check`, {
      object: path,
      problems,
      hint: 'Write one: watertight check --write-baseline.',
      cause: error,
    })
  }
}

/** Writes every finding of a result, and returns the path and the baseline. */
export async function writeBaseline(
  cwd: string,
  file: string,
  result: CheckResult,
): Promise<{ readonly path: string; readonly baseline: Baseline }> {
  const { baselineOf } = await import('@watertight/verifier/findings')
  const path = resolve(cwd, file)
  const baseline = baselineOf(result)
  await writeFile(path, `${JSON.stringify(baseline, null, 2)}\n`)
  return { path, baseline }
}
