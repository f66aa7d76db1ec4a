import fc from 'fast-check'
import type { TableInput, TenancyInput } from '../../model/index.js'

type ChangeKind =
  | 'scope'
  | 'redaction'
  | 'condition'
  | 'append-only'
  | 'commands'
  | 'no-public-role'
  | 'no-auditor-role'
  | 'no-worker-role'
  | 'table-leaves'
  | 'unpublished'
  | 'shared-rows'
  | 'context'

/** One declaration of a model that becomes another. */
export interface ModelChange {
  readonly kind: ChangeKind
  /** Which table changes, taken modulo those that can. */
  readonly table: number
}

export const modelChange: fc.Arbitrary<ModelChange> = fc.record({
  kind: fc.constantFrom<ChangeKind>(
    'scope',
    'redaction',
    'condition',
    'append-only',
    'commands',
    'no-public-role',
    'no-auditor-role',
    'no-worker-role',
    'table-leaves',
    'unpublished',
    'shared-rows',
    'context',
  ),
  table: fc.nat(20),
})

/** The model after the change; the same where no table can change like that. */
export function changeModel(input: TenancyInput, { kind, table }: ModelChange): TenancyInput {
  const tables = input.tables ?? {}
  const change = (
    canChange: (declared: TableInput) => boolean,
    to: (declared: TableInput) => TableInput,
  ): TenancyInput => {
    const names = Object.keys(tables).filter(
      (name) => !name.includes('core ') && canChange(tables[name] ?? {}),
    )
    const name = names[table % Math.max(names.length, 1)]
    if (name === undefined) return input
    return { ...input, tables: { ...tables, [name]: to(tables[name] ?? {}) } }
  }
  switch (kind) {
    case 'scope':
      return change(
        ({ scope }) => scope === 'org',
        (declared) => ({ ...declared, scope: 'tenant' }),
      )
    case 'redaction':
      return change(
        ({ auditor }) => typeof auditor === 'object',
        (declared) => ({ ...declared, auditor: { redact: ['amount', 'region'] } }),
      )
    case 'condition':
      return change(
        (declared) => declared.public !== undefined,
        (declared) => ({
          ...declared,
          public: { ...declared.public, where: 'amount is not null' },
        }),
      )
    case 'append-only':
      return change(
        () => true,
        ({ commands: _commands, workerCommands: _workerCommands, appendOnly, ...declared }) => ({
          ...declared,
          appendOnly: !appendOnly,
        }),
      )
    case 'commands':
      return change(
        ({ appendOnly }) => appendOnly !== true,
        (declared) => ({ ...declared, commands: ['SELECT', 'DELETE'] }),
      )
    case 'unpublished':
      return change(
        (declared) => declared.public !== undefined && !isPublicParent(tables),
        ({ public: _public, ...declared }) => declared,
      )
    case 'shared-rows':
      return change(
        (declared) => declared.ownRows !== undefined && !isOwnedParent(tables),
        ({ ownRows: _ownRows, ...declared }) => declared,
      )
    case 'no-public-role':
      return without(input, 'public')
    case 'no-auditor-role':
      return without(input, 'auditor')
    case 'no-worker-role':
      return without(input, 'worker')
    case 'table-leaves':
      return withoutTable(input, table)
    case 'context':
      return withContext(input, otherContext(input))
  }
}

/** Only signed contexts carry capabilities. */
function withContext(
  input: TenancyInput,
  context: NonNullable<TenancyInput['context']>,
): TenancyInput {
  const tables = Object.entries(input.tables ?? {}).map(([name, { ownRows, ...rest }]) => {
    const { unless, ...whose } = ownRows ?? {}
    const kept = context.kind === 'signed' && unless !== undefined ? { ...whose, unless } : whose
    return [name, ownRows === undefined ? rest : { ...rest, ownRows: kept }] as const
  })
  return { ...input, context, tables: Object.fromEntries(tables) }
}

function isPublicParent(tables: Readonly<Record<string, TableInput>>): boolean {
  return Object.values(tables).some((declared) => declared.public?.through !== undefined)
}

function isOwnedParent(tables: Readonly<Record<string, TableInput>>): boolean {
  return Object.values(tables).some((declared) => declared.ownRows?.through !== undefined)
}

/** The model without a role, and so without what only that role reads. */
function without(input: TenancyInput, role: 'public' | 'auditor' | 'worker'): TenancyInput {
  const tables = Object.entries(input.tables ?? {}).map(([name, declared]) => {
    const { public: published, auditor, workerCommands, ...rest } = declared
    return [
      name,
      {
        ...rest,
        ...(published && role !== 'public' && { public: published }),
        ...(auditor && role !== 'auditor' && { auditor }),
        ...(workerCommands && role !== 'worker' && { workerCommands }),
      },
    ] as const
  })
  return {
    ...input,
    roles: { ...input.roles, [role]: null },
    tables: Object.fromEntries(tables),
  }
}

function parentOf({ through, public: published }: TableInput): readonly string[] {
  return [through, published?.through].flatMap((parent) => {
    if (parent === undefined) return []
    return typeof parent === 'string' ? parent : parent.table
  })
}

/** A table that no other leans on leaves the model. */
function withoutTable(input: TenancyInput, position: number): TenancyInput {
  const tables = input.tables ?? {}
  const parents = new Set(Object.values(tables).flatMap(parentOf))
  const names = Object.keys(tables).filter((name) => !name.includes('core ') && !parents.has(name))
  const leaving = names[position % Math.max(names.length, 1)]
  const rest = Object.entries(tables).filter(([name]) => name !== leaving)
  return { ...input, tables: Object.fromEntries(rest) }
}

/** From settings that can be forged to a signed context, the step that users take. */
function otherContext(input: TenancyInput): NonNullable<TenancyInput['context']> {
  const hasUnits = input.orgUnits !== undefined
  if (input.context?.kind !== 'signed' && input.orgUnits?.table !== undefined) {
    return { kind: 'signed' }
  }
  if (hasUnits) return input.context ?? { kind: 'signed' }
  return { kind: 'guc', tenant: 'other.tenant', user: 'other.user' }
}
