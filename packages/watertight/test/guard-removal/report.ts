import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guard, GuardTest } from './guard.js'
import type { TestEnd } from './run-tests.js'

/** How the tests of a guard ended without it. */
export interface GuardOutcome {
  readonly guard: Guard
  readonly ends: ReadonlyMap<GuardTest, TestEnd>
}

/** Writes the dated table to the folder that `npm run test:guards -- --out` names, if it does. */
export async function recordOutcomes(outcomes: readonly GuardOutcome[]): Promise<void> {
  const folder = process.env['WATERTIGHT_GUARDS_OUT']
  if (folder === undefined) return
  const date = new Date().toISOString().slice(0, 10)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `guards-${date}.md`), `${reportOf(outcomes, date)}\n`)
}

function reportOf(outcomes: readonly GuardOutcome[], date: string): string {
  const noticed = outcomes.filter(isNoticed).length
  const rows = outcomes.map((outcome) => {
    const { guard, ends } = outcome
    const tests = [...ends].map(([{ name }, end]) => `${name}: ${told(end)}`).join('<br>')
    const verdict = isNoticed(outcome) ? 'noticed' : 'NOT NOTICED'
    return `| ${guard.name} | ${guard.file} | ${verdict} | ${tests} |`.replaceAll('\n', ' ')
  })
  return [
    `# Guards removed one at a time, ${date}`,
    '',
    `\`npm run test:guards -- --out bench/results\`: ${noticed} of ${outcomes.length} removals were`,
    `noticed by every test that is named for the guard. Node ${process.version}. Before, with`,
    'all guards in place, all of these tests had passed.',
    '',
    '| guard | file | removal | tests without it |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** In code, so that no character of it is markup. */
function told({ status, reason }: TestEnd): string {
  const line = reason.replaceAll(/[`|]/g, ' ').slice(0, 160).trim()
  return line === '' ? status : `${status}, \`${line}\``
}

function isNoticed({ ends }: GuardOutcome): boolean {
  return [...ends.values()].every(({ status }) => status === 'failed')
}
