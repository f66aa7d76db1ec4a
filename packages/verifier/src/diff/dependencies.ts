import { createHash } from 'node:crypto'
import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import { objectName } from '../graph/object-name.js'
import type { Subject } from '../prove/encode/encoding.js'

/** Tells by a digest whether what a text depends on is the same in two databases. */
export interface Dependencies {
  /** Of a text that `role` evaluates: every function and relation that it may mention, and theirs. */
  digest(text: string, role: string): string
  /** As {@link Dependencies.digest}, of functions and types alone. */
  ofFunctionsIn(text: string, role: string): string
  /** Of a function, by `schema.name(arguments)`. */
  ofFunction(identity: string, role: string): string | undefined
}

interface Named {
  readonly key: string
  /** All that its own definition says. */
  readonly definition: string
  /** Text in which other objects are mentioned. */
  readonly text: string
  readonly owners: readonly string[]
  /** Its body decides at run time what it reads. */
  readonly isOpen: boolean
}

/**
 * Reads dependencies from the words of definitions. A word that happens to be the name of another
 * object only makes two texts look different that are not; what is mentioned is never missed, since
 * a body with dynamic SQL depends on everything.
 */
export function dependenciesOf({ catalog, access }: Subject): Dependencies {
  const byWord = wordIndex(catalog)
  const roleFacts = new Map<string, string>()
  const everything = digestOf(JSON.stringify([catalog.relations, catalog.functions, catalog.enums]))
  const memberships = digestOf(JSON.stringify([catalog.roles, catalog.memberships]))

  const roleFact = (role: string): string => {
    const known = roleFacts.get(role)
    if (known !== undefined) return known
    const { inherited } = access.closure(role)
    const powers = catalog.roles.filter(({ name }) => inherited.has(name))
    const fact = JSON.stringify(
      powers
        .map(({ name, superuser, bypassRls }) => [name, superuser, bypassRls])
        .toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
    )
    roleFacts.set(role, fact)
    return fact
  }

  const collect = (text: string, roles: ReadonlySet<string>, hasRelations: boolean): string => {
    const found = new Map<string, Named>()
    const open: string[] = [text]
    const owners = new Set(roles)
    const parts: string[] = []
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (asksForPowers.test(next)) parts.push(memberships, everything)
      for (const word of new Set(wordsOf(next))) {
        for (const named of byWord.get(word) ?? []) {
          if (found.has(named.key)) continue
          if (!hasRelations && named.key.startsWith('relation ')) continue
          found.set(named.key, named)
          open.push(named.text)
          for (const owner of named.owners) owners.add(owner)
          if (named.isOpen) parts.push(everything, memberships)
        }
      }
    }
    const definitions = [...found.values()].map(({ definition }) => definition).toSorted()
    const powers = [...owners].toSorted().map((role) => `${role} ${roleFact(role)}`)
    return digestOf(JSON.stringify([definitions, powers, [...new Set(parts)]]))
  }

  const known = new Map<string, string>()
  const digest = (text: string, role: string): string => {
    const key = `${role}\0${text}`
    const found = known.get(key) ?? collect(text, new Set([role]), true)
    known.set(key, found)
    return found
  }
  return {
    digest,
    ofFunctionsIn: (text, role) => collect(text, new Set([role]), false),
    ofFunction(identity, role) {
      const fn = catalog.functions.find((entry) => identityOf(entry) === identity)
      return fn && digest(`${fn.schema}.${fn.name}`, role)
    },
  }
}

/**
 * Questions about privileges and memberships, whose answers are all over the catalog, and operators
 * of the database's own, whose functions the catalog does not tell.
 */
const asksForPowers =
  /\boperator\s*\(|\b(pg_has_role|has_\w+_privilege|row_security_active|pg_catalog\.pg_\w+s?)\b/i

function identityOf(fn: FunctionInfo): string {
  return `${fn.schema}.${fn.name}(${fn.identityArguments})`
}

function wordIndex(catalog: CatalogSnapshot): ReadonlyMap<string, readonly Named[]> {
  const index = new Map<string, Named[]>()
  const add = (word: string, named: Named): void => {
    const list = index.get(word)
    if (list === undefined) index.set(word, [named])
    else list.push(named)
  }
  for (const relation of catalog.relations) add(relation.name.toLowerCase(), relationNode(relation))
  for (const fn of catalog.functions) {
    if (fn.schema !== 'pg_catalog') add(fn.name.toLowerCase(), functionNode(fn))
  }
  for (const item of catalog.enums) {
    const definition = JSON.stringify(item)
    const key = `type ${item.schema}.${item.name}`
    add(item.name.toLowerCase(), { key, definition, text: '', owners: [], isOpen: false })
  }
  return index
}

function relationNode(relation: Relation): Named {
  const { kind, columns, rls, policies, definition, options, owner, rules } = relation
  const texts = policies.flatMap(({ using, withCheck }) => [using ?? '', withCheck ?? ''])
  const shape = columns.map(({ name, type, baseType, notNull, generated, collation }) => [
    name,
    type,
    baseType,
    notNull,
    generated,
    collation,
  ])
  return {
    key: `relation ${objectName(relation)}`,
    definition: JSON.stringify([
      objectName(relation),
      kind,
      shape,
      rls,
      policies,
      definition,
      options,
      owner,
      rules,
    ]),
    text: [...texts, definition ?? '', ...rules.map((rule) => rule.definition)].join('\n'),
    owners: [owner],
    isOpen: false,
  }
}

function functionNode(fn: FunctionInfo): Named {
  const { acl: _acl, comment: _comment, ...meaning } = fn
  const isText = fn.language === 'sql' || fn.language === 'plpgsql'
  return {
    key: `function ${identityOf(fn)}`,
    definition: JSON.stringify(meaning),
    text: `${fn.body}\n${fn.returns}\n${fn.arguments}`,
    owners: fn.securityDefiner ? [fn.owner] : [],
    // A function of an extension is what its version of the extension makes it.
    isOpen:
      (!isText && fn.extension === null) || (isText && /\bexecute\b|\bquery_to_xml/i.test(fn.body)),
  }
}

function wordsOf(text: string): readonly string[] {
  const quoted = [...text.matchAll(/"((?:[^"]|"")+)"/g)].map(([, name]) =>
    (name ?? '').replaceAll('""', '"').toLowerCase(),
  )
  return [...(text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []), ...quoted]
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
