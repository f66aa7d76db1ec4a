import type { Hazard, Plan, Step } from 'watertight/plan'
import { printableLine } from '../terminal/printable.js'
import type { Style } from '../terminal/style.js'
import { count } from './count.js'

/** Kinds of steps as they are counted, by the first part of a step's id. */
const nounsByKind: Readonly<Record<string, readonly [string, string]>> = {
  policy: ['policy', 'policies'],
  grant: ['grant', 'grants'],
  revoke: ['revoke', 'revokes'],
  index: ['index', 'indexes'],
  role: ['role', 'roles'],
  membership: ['membership', 'memberships'],
  function: ['function', 'functions'],
  view: ['view', 'views'],
  trigger: ['guard', 'guards'],
  default: ['default', 'defaults'],
  constraint: ['constraint', 'constraints'],
  unique: ['unique key', 'unique keys'],
  'row-security': ['row security', 'row security'],
  owner: ['owner', 'owners'],
  table: ['table', 'tables'],
  schema: ['schema', 'schemas'],
  disclosure: ['disclosure', 'disclosures'],
  invoker: ['view as its reader', 'views as their readers'],
  temporary: ['right to temporary tables', 'rights to temporary tables'],
}

/** One line per object with the number of steps of each kind. */
export function planSummary(steps: readonly Step[], style: Style): string[] {
  const groups = new Map<string, Map<string, number>>()
  for (const step of steps) {
    const object = headingOf(step)
    const kinds = groups.get(object) ?? new Map<string, number>()
    const kind = kindOf(step)
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    groups.set(object, kinds)
  }
  const column = Math.min(40, Math.max(0, ...[...groups.keys()].map((name) => name.length)) + 2)
  return [...groups].map(([object, kinds]) => {
    const parts = [...kinds].map(([kind, number]) => {
      const [singular, plural] = nounsByKind[kind] ?? [kind, kind]
      return kind === 'row-security' ? singular : count(number, singular, plural)
    })
    return `  ${style.bold(printableLine(object).padEnd(column))}${parts.join(', ')}`
  })
}

/** Every step with its statements, as SQL that can be read and run. */
export function planSql(steps: readonly Step[], style: Style): string[] {
  return steps.flatMap((step) => [
    style.dim(`-- ${printableLine(step.summary)}`),
    ...step.hazards.map((hazard) =>
      style.yellow(`-- ${hazard.kind} ${printableLine(`${hazard.object}: ${hazard.detail}`)}`),
    ),
    ...step.up.map((statement) => `${statement};`),
    '',
  ])
}

/** Hazards that need consent one by one, the others as counts. */
export function hazardLines(
  hazards: readonly Hazard[],
  missing: readonly Hazard[],
  style: Style,
): string[] {
  const needed = new Map(missing.map((hazard) => [consentName(hazard), hazard]))
  const informing = new Map<string, Set<string>>()
  for (const { kind, object } of hazards) {
    if (needed.has(`${kind}:${object}`)) continue
    informing.set(kind, (informing.get(kind) ?? new Set<string>()).add(object))
  }
  return [
    ...[...needed].map(
      ([name, { detail }]) =>
        `  ${style.red(style.bold(printableLine(name)))}  ${printableLine(detail)}`,
    ),
    ...[...informing].map(
      ([kind, objects]) => `  ${style.yellow(kind)}  ${count(objects.size, 'object')}`,
    ),
  ]
}

/** Distinct `KIND:object` of hazards, in order. */
export function consentNames(hazards: readonly Hazard[]): string[] {
  return [...new Set(hazards.map(consentName))]
}

/** More names than these nobody reads in one line: the flags then name kinds, for every object. */
const mostNames = 12

/** Flags that give consent, ready to be pasted into a shell. */
export function consentFlags(hazards: readonly Hazard[]): string {
  const names = consentNames(hazards)
  const kinds = [...new Set(hazards.map(({ kind }) => kind))]
  return (names.length > mostNames ? kinds : names)
    .map((name) => `--allow ${shellQuote(name)}`)
    .join(' ')
}

/** All hazards of a plan. */
export function hazardsOf(plan: Plan): readonly Hazard[] {
  return plan.steps.flatMap(({ hazards }) => hazards)
}

/** What the line of a step is headed: roles and the kernel are one thing to people. */
function headingOf(step: Step): string {
  if (/^(role|membership|default-privilege)$/.test(kindOf(step))) return 'roles'
  return /^watertight(\.|$)/.test(step.object) ? 'kernel' : step.object
}

function kindOf(step: Step): string {
  return step.id.slice(0, Math.max(0, step.id.indexOf(':')))
}

function consentName({ kind, object }: Hazard): string {
  return `${kind}:${object}`
}

function shellQuote(text: string): string {
  return /^[\w.:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
