import type { Policy, Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { calledFunctions } from '../../expr/mentions.js'
import { tokenize } from '../../expr/tokens.js'
import type { Token } from '../../expr/tokens.js'
import { objectName } from '../../graph/object-name.js'
import type { LintInput } from '../../lint/rule.js'

/** What decides about the rows of a relation: policies, what they call and what they read. */
export interface PolicyReach {
  /** The texts of the relation's own policies. */
  readonly own: readonly (readonly Token[])[]
  /** Those, the bodies of functions that they call, and the policies of tables that they read. */
  readonly all: readonly (readonly Token[])[]
  /** Other relations that they read. */
  readonly relations: readonly Relation[]
}

const known = new WeakMap<LintInput, Map<string, PolicyReach>>()

/**
 * Everything that the policies for a role and command lead to. Lexical, so it may hold too much:
 * good enough to choose what to try, never to say what holds.
 */
export function policyReach(
  input: LintInput,
  relation: Relation,
  role: string,
  command: Command,
): PolicyReach {
  const cache = known.get(input) ?? new Map<string, PolicyReach>()
  known.set(input, cache)
  const key = [command, role, objectName(relation)].join(' ')
  const done = cache.get(key)
  if (done !== undefined) return done
  const reach = collect(input, relation, role, command)
  cache.set(key, reach)
  return reach
}

function collect(
  input: LintInput,
  relation: Relation,
  role: string,
  command: Command,
): PolicyReach {
  const own = relation.rls.enabled
    ? textsOf(input.access.policies(role, command, relation), command)
    : []
  const all: (readonly Token[])[] = []
  const functions = new Set<string>()
  const relations = new Set<Relation>()
  const open = [...own]
  for (let tokens = open.pop(); tokens !== undefined; tokens = open.pop()) {
    all.push(tokens)
    const called = new Set(calledFunctions(tokens))
    for (const fn of input.catalog.functions) {
      const id = `${fn.schema}.${fn.name}(${fn.identityArguments})`
      if (!called.has(fn.name) || functions.has(id) || fn.schema === 'watertight') continue
      functions.add(id)
      open.push(tokenize(fn.body))
    }
    for (const read of relationsIn(input, tokens)) {
      if (read === relation || relations.has(read)) continue
      relations.add(read)
      if (read.rls.enabled) {
        open.push(...textsOf(input.access.policies(role, 'SELECT', read), 'SELECT'))
      }
    }
  }
  return { own, all, relations: [...relations] }
}

function textsOf(policies: readonly Policy[], command: Command): (readonly Token[])[] {
  return policies
    .flatMap(({ using, withCheck }) =>
      command === 'INSERT' ? [withCheck ?? using] : [using, withCheck],
    )
    .filter((text) => text !== null)
    .map(tokenize)
}

const openers: ReadonlySet<string> = new Set(['from', 'join', ',', '(', 'only'])

function relationsIn(input: LintInput, tokens: readonly Token[]): readonly Relation[] {
  const named = tokens.flatMap((token, index) => {
    if (token.kind !== 'name') return []
    const before = tokens[index - 1]?.text ?? ''
    if (before === '.') return [{ name: token.text, schema: tokens[index - 2]?.text ?? null }]
    return openers.has(before) ? [{ name: token.text, schema: null }] : []
  })
  return input.catalog.relations.filter((relation) =>
    named.some(
      ({ name, schema }) =>
        name === relation.name && (schema === null || schema === relation.schema),
    ),
  )
}
