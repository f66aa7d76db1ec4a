import { WatertightError } from '../errors/index.js'
import type { Problem } from '../errors/index.js'
import type { Hazard, Plan, PlanNote, Step } from '../plan/index.js'
import { isHazardKind } from './consent.js'

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a plan from untrusted JSON, as `plan --out` writes it.
 *
 * @throws INVALID_INPUT with the path of every fault.
 */
export function parsePlan(input: unknown): Plan {
  const problems: Problem[] = []
  const reader = new PlanReader(problems)
  const plan = reader.plan(input)
  if (problems.length === 0) return plan
  const first = problems[0]
  throw new WatertightError(
    'INVALID_INPUT',
    `not a watertight plan: ${first?.path ?? ''}: ${first?.message ?? ''}`,
    { problems, hint: 'make the plan again with `watertight plan --out DIR`' },
  )
}

class PlanReader {
  readonly #problems: Problem[]

  constructor(problems: Problem[]) {
    this.#problems = problems
  }

  plan(input: unknown): Plan {
    const fields = this.#object(input, 'plan')
    if (fields['format'] !== 'watertight.plan/1') {
      this.#problems.push({ path: 'plan.format', message: 'expected "watertight.plan/1"' })
    }
    const from = this.#object(fields['from'], 'plan.from')
    const text = (name: string): string => this.#text(from[name], `plan.from.${name}`)
    return Object.freeze({
      format: 'watertight.plan/1',
      from: {
        catalogHash: text('catalogHash'),
        database: text('database'),
        systemIdentifier: text('systemIdentifier'),
        serverVersionNum: this.#integer(from['serverVersionNum'], 'plan.from.serverVersionNum'),
        schemas: this.#texts(from['schemas'], 'plan.from.schemas'),
        roles: this.#texts(from['roles'], 'plan.from.roles'),
      },
      steps: this.#list(fields['steps'], 'plan.steps', (item, path) => this.#step(item, path)),
      optional: this.#list(fields['optional'], 'plan.optional', (item, path) =>
        this.#step(item, path),
      ),
      notes: this.#list(fields['notes'], 'plan.notes', (item, path) => this.#note(item, path)),
    })
  }

  #step(input: unknown, path: string): Step {
    const fields = this.#object(input, path)
    const hazards = (name: string): readonly Hazard[] =>
      this.#list(fields[name], `${path}.${name}`, (item, at) => this.#hazard(item, at))
    return {
      id: this.#text(fields['id'], `${path}.id`),
      object: this.#text(fields['object'], `${path}.object`),
      summary: this.#text(fields['summary'], `${path}.summary`),
      up: this.#texts(fields['up'], `${path}.up`),
      down: this.#texts(fields['down'], `${path}.down`),
      requires: this.#texts(fields['requires'], `${path}.requires`),
      hazards: hazards('hazards'),
      downHazards: hazards('downHazards'),
      group: this.#group(fields['group'], `${path}.group`),
    }
  }

  #hazard(input: unknown, path: string): Hazard {
    const fields = this.#object(input, path)
    const kind = this.#text(fields['kind'], `${path}.kind`)
    if (!isHazardKind(kind))
      this.#problems.push({ path: `${path}.kind`, message: 'unknown hazard' })
    return {
      kind: isHazardKind(kind) ? kind : 'OPENS_WINDOW',
      object: this.#text(fields['object'], `${path}.object`),
      detail: this.#text(fields['detail'], `${path}.detail`),
    }
  }

  #note(input: unknown, path: string): PlanNote {
    const fields = this.#object(input, path)
    return {
      object: this.#text(fields['object'], `${path}.object`),
      message: this.#text(fields['message'], `${path}.message`),
    }
  }

  #object(input: unknown, path: string): Fields {
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...input }
    this.#problems.push({ path, message: 'expected an object' })
    return {}
  }

  #text(input: unknown, path: string): string {
    if (typeof input === 'string') return input
    this.#problems.push({ path, message: 'expected a string' })
    return ''
  }

  #integer(input: unknown, path: string): number {
    if (typeof input === 'number' && Number.isSafeInteger(input)) return input
    this.#problems.push({ path, message: 'expected an integer' })
    return 0
  }

  #group(input: unknown, path: string): Step['group'] {
    if (input === null || input === 'composite-foreign-keys' || input === 'tenant-unique-keys') {
      return input
    }
    this.#problems.push({ path, message: 'unknown group of steps' })
    return null
  }

  #texts(input: unknown, path: string): readonly string[] {
    return this.#list(input, path, (item, at) => this.#text(item, at))
  }

  #list<T>(input: unknown, path: string, read: (item: unknown, path: string) => T): readonly T[] {
    if (Array.isArray(input)) return input.map((item, index) => read(item, `${path}[${index}]`))
    this.#problems.push({ path, message: 'expected a list' })
    return []
  }
}
