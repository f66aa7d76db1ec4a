import type { AstNode } from '../../ast.js'
import {
  fieldOf,
  nameOf,
  nodeAt,
  nodesAt,
  stringOf,
  textAt,
  unwrapped,
  wrapped,
} from '../../ast.js'
import { fitsGlob } from '../../glob.js'
import type { LintRule, Listeners, RuleContext } from '../../rule.js'
import { Handover } from './handover.js'
import { Classes } from './members.js'
import { injectsPool, isAllowedFile, optionsOf, optionsSchema } from './options.js'
import type { NoDirectPoolOptions } from './options.js'
import type { Maker, ModuleValue } from './sources.js'
import { exportValue, lifecycle, moduleValue } from './sources.js'
import { typeOfPool } from './typed-uses.js'
import { typedPool } from './types.js'
import { Values, memberName } from './values.js'

const messages = {
  construct:
    '{{what}} opens connections outside of the tenant scope. Hand it to pgDriver(...) here, or list the file in `allow`.',
  orm: '{{what}} on a connection of its own runs without a tenant context. Build it on the adapter of watertight.',
  use: '{{what}} runs without a tenant context. Use the TxManager: tx.query(context, ...) or tx.run(context, ...).',
  reexport: '{{what}} is exported here, out of sight of this rule. Export the TxManager instead.',
  extend: 'A class that extends {{what}} opens connections outside of the tenant scope.',
  held: '{{what}} is injected, so that statements run without a tenant context. Inject the TxManager instead.',
} as const

/**
 * Forbids to open, keep, export and query pools and clients of PostgreSQL directly: statements on
 * them run without a tenant context. See the README beside this file.
 */
export const noDirectPool: LintRule = {
  meta: {
    type: 'problem',
    docs: {
      description: 'Disallow connections to PostgreSQL past the TxManager',
      url: 'https://www.npmjs.com/package/watertight#eslint-no-direct-pool',
    },
    messages,
    schema: optionsSchema,
  },
  create(context) {
    const options = optionsOf(context)
    return isAllowedFile(context, options) ? {} : new FileCheck(context, options).listeners()
  },
}

class FileCheck {
  readonly #context: RuleContext
  readonly #options: NoDirectPoolOptions
  readonly #values: Values
  readonly #handover: Handover
  readonly #typed: (node: AstNode) => string | null

  constructor(context: RuleContext, options: NoDirectPoolOptions) {
    this.#context = context
    this.#options = options
    const classes = new Classes()
    const isOwn = (module: string): boolean =>
      options.poolModules.some((glob) => fitsGlob(module.replace(/^(\.{1,2}\/)+/, ''), glob))
    this.#values = new Values(context.sourceCode, classes.membersOf, isOwn)
    this.#handover = new Handover(context.sourceCode, this.#values, classes)
    this.#typed = typeOfPool(context)
  }

  listeners(): Listeners {
    const made = (node: AstNode): void => this.#made(node)
    const exported = (node: AstNode): void => this.#exported(node)
    const declared = (node: AstNode): void => this.#injected(node)
    return {
      NewExpression: made,
      CallExpression: (node) => {
        this.#made(node)
        this.#called(node, nodeAt(node, 'callee'))
      },
      TaggedTemplateExpression: (node) => this.#called(node, nodeAt(node, 'tag')),
      MemberExpression: (node) => this.#used(node),
      VariableDeclarator: (node) => this.#destructured(node),
      ClassDeclaration: (node) => this.#extended(node),
      ClassExpression: (node) => this.#extended(node),
      ExportNamedDeclaration: exported,
      ExportAllDeclaration: exported,
      ExportDefaultDeclaration: exported,
      TSParameterProperty: declared,
      PropertyDefinition: declared,
    }
  }

  #report(node: AstNode, messageId: keyof typeof messages, what: string): void {
    this.#context.report({ node, messageId, data: { what } })
  }

  /** `new Pool()`, `postgres()`, `PGlite.create()`, `drizzle(pool)`. */
  #made(node: AstNode): void {
    const value = this.#values.of(node)
    if (value?.kind !== 'pool' || value.maker.name === '*' || !this.#isMaking(node)) return
    const { maker } = value
    if (maker.kind === 'orm') {
      if (isPostgres(node) && !this.#handover.isScoped(node) && !this.#isInsideOrm(node)) {
        this.#report(node, 'orm', describe(maker))
      }
      return
    }
    if (!this.#handover.isContained(node)) this.#report(node, 'construct', describe(maker))
  }

  /** Whether the call itself makes it, rather than a function of this file that is called. */
  #isMaking(node: AstNode): boolean {
    const callee = nodeAt(node, 'callee')
    if (this.#values.makerOf(callee) !== null) return true
    const bare = callee === null ? null : unwrapped(callee)
    if (bare?.type !== 'MemberExpression') return false
    return this.#values.makerOf(nodeAt(bare, 'object')) !== null
  }

  /** `new Kysely({ dialect: new PostgresDialect(...) })` is one finding. */
  #isInsideOrm(node: AstNode): boolean {
    let outer = wrapped(node).parent
    while (outer && ['Property', 'ObjectExpression', 'ArrayExpression'].includes(outer.type)) {
      outer = outer.parent
    }
    if (outer?.type !== 'CallExpression' && outer?.type !== 'NewExpression') return false
    return this.#values.makerOf(nodeAt(outer, 'callee'))?.kind === 'orm'
  }

  /** A pool that is called, as that of `postgres`. */
  #called(node: AstNode, callee: AstNode | null): void {
    if (callee === null || unwrapped(callee).type === 'MemberExpression') {
      if (node.type !== 'TaggedTemplateExpression') return
    }
    const value = callee === null ? null : this.#values.of(callee)
    if (isConnection(value)) this.#report(node, 'use', `${textOf(callee)}\`…\``)
  }

  /** `pool.query`, `this.pool.connect`, `pool[name]`. */
  #used(node: AstNode): void {
    const object = nodeAt(node, 'object')
    const name = memberName(node)
    if (object === null || (name !== null && lifecycle.has(name))) return
    const value = this.#values.of(object)
    const isKnown = isConnection(value) && !(value.maker.name === '*' && !isCalled(node))
    if (isKnown || this.#isPluginUse(object, name) || this.#isTypedUse(node, object, value)) {
      this.#report(node, 'use', `${textOf(object)}.${name ?? '[…]'}`)
    }
  }

  /** `fastify.pg.query` */
  #isPluginUse(object: AstNode, name: string | null): boolean {
    const isStatement =
      name === 'query' || name === 'connect' || name === 'transact' || name === 'pool'
    return isStatement && memberName(unwrapped(object)) === 'pg' && this.#values.of(object) === null
  }

  #isTypedUse(node: AstNode, object: AstNode, value: ModuleValue | null): boolean {
    return value === null && isCalled(node) && this.#typed(object) !== null
  }

  #destructured(node: AstNode): void {
    const pattern = nodeAt(node, 'id')
    if (pattern?.type !== 'ObjectPattern') return
    const value = this.#values.of(nodeAt(node, 'init'))
    if (!isConnection(value) || value.maker.name === '*') return
    for (const property of nodesAt(pattern, 'properties')) {
      const name = nameOf(nodeAt(property, 'key'))
      if (name === null || lifecycle.has(name)) continue
      this.#report(property, 'use', `${textOf(nodeAt(node, 'init'))}.${name}`)
    }
  }

  #extended(node: AstNode): void {
    const maker = this.#values.makerOf(nodeAt(node, 'superClass'))
    if (maker?.kind === 'pool') this.#report(node, 'extend', describe(maker))
  }

  #exported(node: AstNode): void {
    if (textAt(node, 'exportKind') === 'type') return
    const from = stringOf(nodeAt(node, 'source'))
    if (from !== null) return this.#passedOn(node, from)
    const declaration = nodeAt(node, 'declaration')
    if (node.type === 'ExportDefaultDeclaration' && declaration !== null) {
      this.#exportedValue(node, declaration)
    }
    for (const declarator of nodesAt(declaration, 'declarations')) {
      const value = this.#values.of(nodeAt(declarator, 'init'))
      if (value?.kind === 'maker' && value.maker.kind === 'pool') {
        this.#report(declarator, 'reexport', describe(value.maker))
      }
    }
    for (const specifier of nodesAt(node, 'specifiers')) {
      if (textAt(specifier, 'exportKind') === 'type') continue
      const local = nodeAt(specifier, 'local')
      if (local !== null) this.#exportedValue(specifier, local)
    }
  }

  #exportedValue(node: AstNode, expression: AstNode): void {
    if (expression.type.startsWith('Class')) return
    const value = this.#values.of(expression)
    if (value?.kind === 'maker' && value.maker.kind === 'pool') {
      this.#report(node, 'reexport', describe(value.maker))
    } else if (value?.kind === 'module') this.#report(node, 'reexport', `module ${value.module}`)
  }

  /** `export { Pool } from 'pg'`, `export * from 'pg'`. */
  #passedOn(node: AstNode, from: string): void {
    const value = moduleValue(from)
    if (value?.kind !== 'module') return
    if (node.type === 'ExportAllDeclaration') {
      if (hasPools(from, null)) this.#report(node, 'reexport', `module ${from}`)
      return
    }
    for (const specifier of nodesAt(node, 'specifiers')) {
      const name = nameOf(nodeAt(specifier, 'local')) ?? ''
      const isType = textAt(specifier, 'exportKind') === 'type'
      if (!isType && hasPools(from, name)) this.#report(specifier, 'reexport', `${name} of ${from}`)
    }
  }

  /** `constructor(private pool: Pool)`, `@Inject(PG_POOL) private pool`, `@InjectDataSource()`. */
  #injected(node: AstNode): void {
    const parameter = nodeAt(node, 'parameter')
    const binding = parameter?.type === 'AssignmentPattern' ? nodeAt(parameter, 'left') : parameter
    const decorated = [node, binding].filter((item) => item !== null)
    const isInjected = decorated.some((item) => injectsPool(item, this.#options))
    const maker = typedPool(this.#context.sourceCode, binding ?? node)
    const isHeld = isInjected || (maker !== null && node.type === 'TSParameterProperty')
    if (!isHeld || fieldOf(node, 'static') === true) return
    const name = nameOf(nodeAt(binding ?? node, 'key') ?? binding)
    if (maker !== null && this.#handover.areContained(binding ?? node, name)) return
    this.#report(node, 'held', maker === null ? (name ?? 'a pool') : describe(maker))
  }
}

function isConnection(value: ModuleValue | null): value is ModuleValue & { kind: 'pool' } {
  return value?.kind === 'pool' && (value.maker.kind === 'pool' || value.maker.name === '*')
}

/** Whether an export of a module, or any of them, is or makes a pool. */
function hasPools(module: string, name: string | null): boolean {
  const value = exportValue(module, name)
  if (value?.kind === 'maker') return value.maker.kind === 'pool'
  return value?.kind === 'pool' || value?.kind === 'module'
}

/** Not reported: an ORM that is told to use another database. */
function isPostgres(call: AstNode): boolean {
  const [config] = nodesAt(call, 'arguments')
  const literal = config === undefined ? null : unwrapped(config)
  if (literal?.type !== 'ObjectExpression') return true
  for (const property of nodesAt(literal, 'properties')) {
    const key = nameOf(nodeAt(property, 'key')) ?? ''
    const value = stringOf(nodeAt(property, 'value'))
    if (value === null || !['client', 'type', 'dialect'].includes(key)) continue
    return /^(pg|pgnative|pg-native|postgres|postgresql|cockroachdb|redshift|aurora-postgres)$/.test(
      value,
    )
  }
  return true
}

function isCalled(member: AstNode): boolean {
  const outer = wrapped(member)
  const { parent } = outer
  if (parent?.type === 'TaggedTemplateExpression') return true
  return parent?.type === 'CallExpression' && nodeAt(parent, 'callee') === outer
}

function describe({ module, name }: Maker): string {
  return name === 'default' ? module : `${name} of ${module}`
}

function textOf(node: AstNode | null): string {
  if (node === null) return 'pool'
  const bare = unwrapped(node)
  if (bare.type === 'ThisExpression') return 'this'
  if (bare.type === 'MemberExpression') {
    return `${textOf(nodeAt(bare, 'object'))}.${memberName(bare) ?? '[…]'}`
  }
  if (bare.type === 'CallExpression' || bare.type === 'NewExpression') {
    return `${textOf(nodeAt(bare, 'callee'))}()`
  }
  return textAt(bare, 'name') ?? 'pool'
}
