import type { CheckResult, GraphSummary, TenantSource } from '../findings/index.js'
import { count } from './headline.js'
import { unknownCauses } from './report-entries.js'
import { painter, printable, wrap } from './style.js'
import type { RenderOptions } from './style.js'

const mostReasons = 8
const mostSources = 8
const mostAssumptions = 6

/** What the proofs rest on, most cells first. */
export function assumptionText(result: CheckResult, options: RenderOptions): string[] {
  const sorted = result.assumptions.toSorted((a, b) => b.cells - a.cells)
  if (sorted.length === 0) return []
  const lines = sorted
    .slice(0, mostAssumptions)
    .flatMap(({ text, cells }) =>
      wrap(`${printable(text)} (${count(cells, 'cell')})`, options.width, '  '),
    )
  const more = sorted.length - mostAssumptions
  if (more > 0) lines.push(`  and ${more} more; --report html=FILE lists all`)
  return ['', painter(options)('bold', 'Proven, assuming that'), ...lines]
}

/** Why things are unknown, most frequent cause first. */
export function unknownText(result: CheckResult, options: RenderOptions): string[] {
  const reasons = unknownCauses(result.coverage)
  if (reasons.length === 0) return []
  const times = options.unicode ? '×' : 'x'
  const lines = reasons
    .slice(0, mostReasons)
    .flatMap(({ reason, rows }) =>
      wrap(`${rows.length} ${times} ${printable(reason)}`, options.width, '  '),
    )
  const rest = reasons.slice(mostReasons).reduce((sum, { rows }) => sum + rows.length, 0)
  if (rest > 0) lines.push(`  ${rest} ${times} other reasons`)
  return ['', painter(options)('bold', 'Not proven, because'), ...lines]
}

/** What was checked, skipped and impossible, and which part of the verifier did not run. */
export function classText(result: CheckResult, options: RenderOptions): string[] {
  const paint = painter(options)
  if (result.classes.length === 0 && result.stages.length === 0) return []
  const width = Math.max(...result.classes.map((each) => each.class.length), 7) + 2
  const lines = result.classes.flatMap((each) => {
    const counts = [
      `${each.checked} of ${each.total} checked`,
      ...(each.skipped > 0 ? [`${each.skipped} skipped`] : []),
      ...(each.impossible > 0 ? [`${each.impossible} impossible`] : []),
    ].join(', ')
    const isOpen = each.checked < each.total
    const reasons = each.reasons.flatMap(({ state, reason, count: number, examples }) => {
      const names = examples.map(printable).join(', ') + (number > examples.length ? ', ...' : '')
      return wrap(`${state}: ${printable(reason)} (${names})`, options.width, ' '.repeat(width + 4))
    })
    const line = `  ${each.class.padEnd(width)}${counts}`
    return [isOpen ? paint('yellow', line) : line, ...reasons]
  })
  const stages = result.stages
    .filter(({ state, reason }) => state !== 'ran' || reason !== '')
    .flatMap(({ stage, state, reason }) =>
      wrap(`${stage} ${state}: ${printable(reason)}`, options.width, '  '),
    )
    .map((line) => paint('yellow', line))
  return ['', paint('bold', 'Looked at'), ...lines, ...stages]
}

/** How many sources there are behind which gate. */
export function gateText({ proven, declared, listed }: GraphSummary): string {
  const told = declared === 0 ? '' : `${declared} that answer across tenants by declaration, `
  return `${proven} behind proven gates, ${told}${listed} listed`
}

/** How many sources of tenant data there are, and those that nothing proves. */
export function sourceText(
  { graph }: CheckResult,
  options: RenderOptions & { readonly graph?: boolean },
): string[] {
  const { sources } = graph.summary
  if (sources === 0) return []
  const lines = [
    '',
    painter(options)('bold', 'Sources of tenant data'),
    `  ${count(sources, 'source')} of tenant data, ${gateText(graph.summary)}`,
  ]
  const open = graph.sources.filter(({ gate }) => gate === 'listed')
  const shown = options.graph === true ? graph.sources : open.slice(0, mostSources)
  lines.push(...shown.flatMap((source) => sourceLines(source, options)))
  const more = open.length - mostSources
  if (options.graph !== true && more > 0) lines.push(`  and ${more} more; --graph shows all`)
  return lines
}

function sourceLines(source: TenantSource, options: RenderOptions & { graph?: boolean }): string[] {
  const { object, kind, role, path, privileges, gate, reason, reaches } = source
  const paint = painter(options)
  const who = role === null ? 'whoever replicates' : printable(role)
  const way = path.length === 0 ? '' : ` through ${path.map(printable).join(', ')}`
  const head = `  ${paint(gate === 'proven' ? 'green' : 'yellow', gate)} ${kind} ${paint('bold', printable(object))}, ${who}${way}`
  const lines = [head, ...wrap(printable(reason), options.width, '    ')]
  if (options.graph !== true) return lines
  const arrow = options.unicode ? '→' : '->'
  lines.push(
    `    ${privileges.join(', ')}`,
    ...reaches.map(({ table, access, as, through }) => {
      const steps = [...through, table].map(printable).join(` ${arrow} `)
      return `    ${arrow} ${steps} (${access} as ${as === null ? 'the caller' : printable(as)})`
    }),
  )
  return lines
}
