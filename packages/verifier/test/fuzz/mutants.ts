import type { CatalogSnapshot, Policy, Relation } from 'watertight/catalog'
import type { Expr } from '../../src/expr/index.js'
import type { Encode } from '../../src/prove/encode/encoding.js'
import type { Value } from '../../src/prove/encode/value.js'
import { falsity } from '../../src/prove/terms/term.js'
import { trueEncoders } from './encoder/predict.js'
import type { Mutant } from './mutant.js'

/** Another meaning of what is encoded; `encode` is the prover's own. */
function encodes(name: string, change: (expr: Expr, own: Encode) => Encode): Mutant {
  const encode: Encode = (expr, encoding, frame) =>
    change(expr, trueEncoders.encode)(expr, encoding, frame)
  return { name, encoders: { ...trueEncoders, encode } }
}

/** The value with another of its parts. */
function altered(own: Encode, alter: (value: Value) => Value): Encode {
  return (expr, encoding, frame) => alter(own(expr, encoding, frame))
}

function catalogs(name: string, change: (catalog: CatalogSnapshot) => CatalogSnapshot): Mutant {
  return { name, catalog: change }
}

function relations(change: (relation: Relation) => Relation): Required<Mutant>['catalog'] {
  return (catalog) => ({ ...catalog, relations: catalog.relations.map(change) })
}

function policies(change: (policy: Policy) => Policy | null): Required<Mutant>['catalog'] {
  return relations((relation) => ({
    ...relation,
    policies: relation.policies.flatMap((policy) => change(policy) ?? []),
  }))
}

/** Faults of an encoder that has to be found out; each breaks one thing that a proof rests on. */
export const mutants: readonly Mutant[] = [
  encodes('NULL under NOT counts as false', (expr, own) =>
    expr.kind === 'not' ? altered(own, (value) => ({ ...value, isNull: falsity })) : own,
  ),
  encodes('NULL of a comparison counts as false', (expr, own) =>
    expr.kind === 'operator'
      ? (inner, encoding, frame) => {
          const value = own(inner, encoding, frame)
          return value.type === 'bool' ? { ...value, isNull: falsity } : value
        }
      : own,
  ),
  encodes('OR is read as AND', (expr, own) =>
    expr.kind === 'or'
      ? (_, encoding, frame) => own({ ...expr, kind: 'and' }, encoding, frame)
      : own,
  ),
  encodes('IS DISTINCT FROM is read as <>', (expr, own) =>
    expr.kind === 'distinct-test'
      ? (_, encoding, frame) =>
          own(
            {
              kind: 'operator',
              operator: { schema: null, name: expr.negated ? '=' : '<>' },
              left: expr.left,
              right: expr.right,
            },
            encoding,
            frame,
          )
      : own,
  ),
  encodes('COALESCE is its first operand', (expr, own) => {
    const first = expr.kind === 'coalesce' ? expr.operands[0] : undefined
    return first === undefined ? own : (_, encoding, frame) => own(first, encoding, frame)
  }),
  encodes('CASE is its last branch', (expr, own) => {
    const last = expr.kind === 'case' ? expr.otherwise : null
    return last === null ? own : (_, encoding, frame) => own(last, encoding, frame)
  }),
  catalogs(
    'restrictive policies are left out',
    policies((policy) => (policy.permissive ? policy : null)),
  ),
  catalogs(
    'restrictive policies permit',
    policies((policy) => ({ ...policy, permissive: true })),
  ),
  catalogs('a role has no policies of its groups', (catalog) => ({
    ...catalog,
    memberships: [],
  })),
  catalogs(
    'every policy is for everybody',
    policies((policy) => ({ ...policy, roles: [] })),
  ),
  catalogs(
    'WITH CHECK is left out',
    policies((policy) => (policy.using === null ? policy : { ...policy, withCheck: null })),
  ),
  catalogs(
    'a policy for one command is for all',
    policies((policy) => ({ ...policy, command: 'ALL' })),
  ),
  catalogs('a definer runs as the caller', (catalog) => ({
    ...catalog,
    functions: catalog.functions.map((fn) => ({ ...fn, securityDefiner: false })),
  })),
  catalogs('a function called with NULL is run', (catalog) => ({
    ...catalog,
    functions: catalog.functions.map((fn) => ({ ...fn, strict: false })),
  })),
  catalogs(
    'every column is NOT NULL',
    relations((relation) => ({
      ...relation,
      columns: relation.columns.map((column) => ({ ...column, notNull: true })),
    })),
  ),
  catalogs(
    'every collation tells texts apart',
    relations((relation) => ({
      ...relation,
      columns: relation.columns.map((column) => ({ ...column, collation: null })),
    })),
  ),
  catalogs(
    'char(n), citext, name and numeric are texts',
    relations((relation) => ({
      ...relation,
      columns: relation.columns.map((column) =>
        /^(character\(|public\.citext|numeric)/.test(column.baseType)
          ? { ...column, type: 'text', baseType: 'text' }
          : column,
      ),
    })),
  ),
  catalogs(
    'every column is a key',
    relations((relation) => ({
      ...relation,
      indexes: relation.indexes.flatMap((index) => [
        index,
        { ...index, name: 'tenant', columns: ['tenant_id'] },
      ]),
    })),
  ),
]
