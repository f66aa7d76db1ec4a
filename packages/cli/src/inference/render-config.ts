import type { TenancyInput } from 'watertight/model'
import type { Inference } from './inference.js'

const usualPrefix = 'app'

/** The application's role where a declaration is written for a database that has none. */
export const usualRole: string = `${usualPrefix}_app`

/** The text of `watertight.config.ts` for an inferred declaration, with comments on what to decide. */
export function renderConfig({ input, because, unclassified, otherRoles }: Inference): string {
  const { tables = {}, ...rest } = input
  const reasons = new Map(because.map(({ path, reason }) => [path, reason]))
  const lines = [
    "import { defineTenancy } from 'watertight'",
    '',
    '// Inferred by `watertight init`. Read every line: it decides who may read what.',
    'export default defineTenancy({',
  ]
  for (const [name, value] of Object.entries(rest)) {
    const reason = reasons.get(name)
    if (reason !== undefined) lines.push(`  // ${oneLine(reason)}`)
    lines.push(`  ${name}: ${printValue(value, 1)},`)
    if (name === 'roles') lines.push(...otherRoles.map((role) => `  // ${otherRole(role)}`))
  }
  if (rest.context === undefined) {
    lines.push('  // Every transaction carries a context that the application signs.')
    lines.push("  context: { kind: 'signed' },")
  }
  if (rest.roles === undefined) {
    const reason = reasons.get('roles')
    if (reason !== undefined) lines.push(`  // ${oneLine(reason)}.`)
    lines.push(
      '  // Roles are <prefix>_owner, _migrator, _app, _public, _auditor, _worker, _platform.',
    )
    lines.push(`  roles: { prefix: '${usualPrefix}' },`)
  }
  lines.push('  tables: {')
  for (const [name, value] of Object.entries(tables)) {
    lines.push(`    ${printText(name)}: ${printValue(value, 2)},`)
  }
  if (unclassified.length > 0) {
    lines.push(
      '    // Not declared: runtime roles get no access to these until you say what they are.',
    )
    for (const { table, reason, suggestion } of unclassified) {
      const declared = `${printText(oneLine(table))}: ${printValue(suggestion, 2)}`
      lines.push(`    // ${oneLine(declared)}, // ${oneLine(reason)}`)
    }
  }
  lines.push('  },', '})', '')
  return lines.join('\n')
}

/** What a person has to decide about a role that is left out. */
export function otherRole(role: string): string {
  return `${oneLine(role)} may use tables too: it is not checked unless you declare it as public or worker`
}

/** A declaration with what `init` writes in addition to what it found. */
export function completeInput(input: TenancyInput): TenancyInput {
  return {
    ...input,
    context: input.context ?? { kind: 'signed' },
    roles: input.roles ?? { prefix: usualPrefix },
  }
}

function printValue(value: unknown, depth: number): string {
  if (typeof value === 'string') return printText(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (Array.isArray(value)) {
    return `[${value.map((each) => printValue(each, depth)).join(', ')}]`
  }
  const parts = Object.entries(value).map(
    ([name, each]) => `${printName(name)}: ${printValue(each, depth + 1)}`,
  )
  const line = parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
  if (line.length < 88 - 2 * depth) return line
  const indent = '  '.repeat(depth + 1)
  return `{\n${parts.map((part) => `${indent}${part},\n`).join('')}${'  '.repeat(depth)}}`
}

function printName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : printText(name)
}

/** A single-quoted literal. Names come from a database: nothing in them may end the literal. */
function printText(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1)
  return `'${escaped.replaceAll(String.raw`\"`, '"').replaceAll("'", String.raw`\'`)}'`
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')
}
