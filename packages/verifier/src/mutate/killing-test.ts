import type { DiffExample, DiffResult } from '../diff/index.js'
import type { Mutant } from './mutant.js'

/** A test that passes on the original and fails on the mutant, as data. */
export interface KillingTest {
  readonly title: string
  /** What a context says, by setting; null for one that must be unset. */
  readonly settings: Readonly<Record<string, string | null>>
  /** Make the rows, as a superuser in a transaction that is rolled back. */
  readonly setup: readonly string[]
  /** Null: the statement runs as the superuser. */
  readonly role: string | null
  readonly statement: string
  /** A query that has a row while the statement has not reached it; null where its own answer tells. */
  readonly remains: string | null
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'GUARD'
  /** On the original the statement reaches the row, or the guard holds. */
  readonly expected: boolean
}

/**
 * A test of what a mutant changes: the row that the comparison of both databases has shown, else a
 * look at the catalog.
 */
export function killingTests(mutant: Mutant, diff: DiffResult | null): readonly KillingTest[] {
  const found = (diff?.cells ?? []).flatMap(({ object, wider, narrower }) => [
    ...testOf(mutant, object, wider, false),
    ...testOf(mutant, object, narrower, true),
  ])
  return [...found, guardTest(mutant)]
}

function testOf(
  mutant: Mutant,
  object: string,
  example: DiffExample | null,
  expected: boolean,
): readonly KillingTest[] {
  if (example === null || example.trial === null) return []
  const { setup, role, command, statement, remains } = example.trial
  const can = expected ? 'reaches' : 'does not reach'
  return [
    {
      title: `${command} on ${object} as ${role} ${can} the row (${mutant.id})`,
      settings: example.settings,
      setup,
      role,
      statement,
      remains,
      command,
      expected,
    },
  ]
}

function guardTest({ id, guard }: Mutant): KillingTest {
  return {
    title: `the isolation layer is in place (${id})`,
    settings: {},
    setup: [],
    role: null,
    statement: guard,
    remains: null,
    command: 'GUARD',
    expected: true,
  }
}
