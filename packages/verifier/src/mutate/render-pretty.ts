import { painter, printable, wrap } from '../report/style.js'
import type { RenderOptions } from '../report/style.js'
import type { MutantOutcome, MutateResult } from './mutate-result.js'

/** The outcome for people: survivors first, the score on the last line. */
export function renderMutatePretty(result: MutateResult, options: RenderOptions): string {
  const paint = painter(options)
  const { mutants, tool, server } = result
  const of = (status: MutantOutcome['status']): readonly MutantOutcome[] =>
    mutants.filter((mutant) => mutant.status === status)
  const lines = [
    `${tool.name} ${tool.version}, PostgreSQL ${printable(server.version)}`,
    `${mutants.length} mutants of ${printable(result.source)}, judged by ${printable(result.test)}`,
  ]
  for (const mutant of [...of('survived'), ...of('timeout')]) {
    const tone = mutant.status === 'survived' ? 'red' : 'yellow'
    lines.push('', `${paint(tone, mutant.status)} ${paint('bold', printable(mutant.id))}`)
    lines.push(...wrap(printable(mutant.description), options.width, '  '))
    for (const statement of mutant.sql) lines.push(paint('dim', `    ${printable(statement)}`))
    if (mutant.test !== null) lines.push(`  killed by ${printable(mutant.test)}`)
    else if (mutant.reason !== null) {
      lines.push(...wrap(printable(mutant.reason), options.width, '  '))
    }
  }
  const uncounted = [...of('equivalent'), ...of('broken'), ...of('not-run')]
  if (uncounted.length > 0) lines.push('', paint('bold', 'Not counted'))
  for (const { id, status, reason } of uncounted) {
    lines.push(
      ...wrap(
        printable(`${status} ${id}${reason === null ? '' : `: ${reason}`}`),
        options.width,
        '  ',
      ),
    )
  }
  lines.push('', lastLine(result, options))
  return `${lines.join('\n')}\n`
}

function lastLine({ summary }: MutateResult, options: RenderOptions): string {
  const paint = painter(options)
  const { killed, survived, timeout, equivalent, broken, notRun, score, testsWritten } = summary
  const counts = [
    `${killed} killed`,
    `${survived} survived`,
    `${timeout} timed out`,
    `${equivalent} equivalent`,
    `${broken} broken`,
    `${notRun} not run`,
  ].join(', ')
  if (score === null) return paint('yellow', `no mutation score: ${counts}`)
  const head = `mutation score ${score} %: ${counts}`
  if (survived === 0) return paint(timeout + broken === 0 ? 'green' : 'yellow', head)
  const next =
    testsWritten > 0
      ? `${testsWritten} tests written; run them with yours`
      : 'next: add --write-tests DIR'
  return `${paint('red', head)}; ${next}`
}
