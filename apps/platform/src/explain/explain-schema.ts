import { z } from 'zod'

/** What becomes of the statement, and which part of the isolation decides. */
export const explainVerdict = z.enum([
  'allowed',
  /** No permissive policy holds for the row, or none is for the role and command. */
  'no-permissive-policy',
  'restrictive-policy',
  /** There is no such row, or a policy hides it: the two are not told apart. */
  'filtered',
  'no-privilege',
  /** No policy applies to the role on this table. */
  'rls-bypassed',
  'context-missing',
  /** A policy could not be evaluated. */
  'undetermined',
])

const text = z.string().max(200)

/** Whose eyes the row is looked at with. */
export type WantedContext =
  | { readonly kind: 'own' }
  /** Another member of the tenant; takes the capability `explain.members`. */
  | { readonly kind: 'member'; readonly userId: string; readonly orgUnitId: string | null }
  /** A statement without a tenant context. */
  | { readonly kind: 'none' }

/** The question of the page, as query parameters. */
export const explainQuery = z.strictObject({
  /** `schema.table`, of `GET /explain/tables`. */
  table: text,
  /** The id of the row: a value of each column of the key, in the order of the columns. */
  key: z.union([text.min(1).transform((value) => [value]), z.array(text.min(1)).min(1).max(8)]),
  command: z.enum(['SELECT', 'UPDATE', 'DELETE']).default('SELECT'),
  /** `member` needs `userId`. */
  as: z.enum(['own', 'member', 'none']).default('own'),
  userId: z.uuid().optional(),
  /** One of the units of that member; the first one by default. */
  orgUnitId: z.uuid().optional(),
})

const clause = z.object({
  /** Unique in the answer. */
  id: z.int(),
  /** The AND or OR that it is an operand of; null for the topmost clauses of a policy, all of which must hold. */
  parent: z.nullable(z.int()),
  operator: z.nullable(z.enum(['AND', 'OR'])),
  expression: z.string(),
  /** Null when it was not evaluated. */
  holds: z.nullable(z.boolean()),
  /** What it reads of the context. */
  claims: z.array(z.string()),
  /** Columns of the row that it names; their values are in `values`. */
  columns: z.array(z.string()),
})

const policy = z.object({
  name: z.string(),
  permissive: z.boolean(),
  command: z.enum(['ALL', 'SELECT', 'INSERT', 'UPDATE', 'DELETE']),
  clause: z.enum(['USING', 'WITH CHECK']),
  /** The row as it is stored, or as the statement would leave it. */
  row: z.enum(['stored', 'new']),
  holds: z.nullable(z.boolean()),
  expression: z.string(),
  /** Why it was not evaluated. */
  note: z.nullable(z.string()),
  /** The policy decided. */
  isDeciding: z.boolean(),
  clauses: z.array(clause),
})

/** The answer of the page. */
export const explainReply = z.object({
  table: z.string(),
  scope: z.enum(['global', 'tenant', 'org', 'self']),
  command: z.enum(['SELECT', 'UPDATE', 'DELETE']),
  context: z.object({
    kind: z.enum(['own', 'member', 'none']),
    mode: z.nullable(z.string()),
    /** The database role that the statement runs as. */
    role: z.nullable(z.string()),
    userId: z.nullable(z.uuid()),
    orgScope: z.nullable(z.enum(['unit', 'subtree', 'all'])),
    orgUnitId: z.nullable(z.uuid()),
  }),
  verdict: explainVerdict,
  /** Code of the reason, and what it means. */
  reason: z.string(),
  message: z.string(),
  /** The policy that decided. */
  policy: z.nullable(z.string()),
  /** What of the context decided. */
  claim: z.nullable(z.string()),
  policies: z.array(policy),
  /** True when the caller sees the row; only then anything is said about it. */
  isVisibleToCaller: z.boolean(),
  /** Values that the caller reads of the row, of the columns that policies name; empty otherwise. */
  values: z.record(z.string(), z.nullable(z.string())),
  /** The smallest change that would turn the verdict; null where none is known. */
  change: z.nullable(z.string()),
})

/** Tables that can be asked about. */
export const explainTables = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      scope: z.enum(['global', 'tenant', 'org', 'self']),
      appendOnly: z.boolean(),
      columns: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          isKey: z.boolean(),
          isReadable: z.boolean(),
        }),
      ),
    }),
  ),
})
