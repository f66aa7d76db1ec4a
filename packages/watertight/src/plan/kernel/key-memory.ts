import { literal, sql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { pinned } from './function-shape.js'
import type { FunctionShape } from './function-shape.js'

/*
 * Looking a key up is half of what verifying a token costs, so each session remembers the keys that
 * have no end: `remembered_keys()` says IMMUTABLE, and PL/pgSQL plans an expression once, folding
 * what is immutable into it. What is remembered goes when the plan goes, and a plan goes as soon as
 * a function that it names is altered (`inval.c`, `plancache.c`): so the trigger on the keys alters
 * that function, in the transaction that ends a key. The newest key has entries of its own, so that even
 * its pads are constants of the plan; others are found by their id while running. An absent key means
 * that the table is asked.
 *
 * INVARIANT: what a session remembers is committed, and as new as the last change it has heard of.
 * - The keys are read under a snapshot of their own (a VOLATILE function takes one), never under an
 *   older one of the statement: with a snapshot that lasts, the table is asked instead.
 * - Nothing is remembered by a transaction that has locked the table for writing: its keys may
 *   never be committed.
 * - A session hears of changes when it takes a lock that it does not hold, also within an open
 *   transaction: `pg_relation_is_updatable` takes one on an index that nothing else of a request
 *   reads, and releases it. SECURITY: an index, because PREPARE locks the tables that it names until
 *   the transaction ends, and asks for no privilege; indexes are locked after privileges were asked for.
 */

/** The trigger function, on `watertight.signing_keys`, that lets every session forget its keys. */
export const forgetKeys = 'forget_keys'

/** SECURITY: what is folded into a plan shows in its tree, which `debug_print_plan` would tell clients. */
export const unspokenPlans: FunctionShape['settings'] = { debug_print_plan: 'off' }

/**
 * True where a transaction may go by what its session remembers. Whatever else asks for it is an
 * expression of its own, after this one: planning an expression is what folds, and remembers.
 */
export const isMemoryCurrent: Sql = sql`current_setting('transaction_isolation') = 'read committed'
        and pg_relation_is_updatable('watertight.applied_plans_pkey', false) is not null`

const remembered = (entry: Sql): Sql => sql`watertight.remembered_keys() ->> ${entry}`

/** The two pads of a key, one after the other, by what the session remembers. */
export const rememberedPads = (keyId: Sql): Sql => sql`decode(${remembered(keyId)}, 'hex')`

/** Entries beside those of the keys, whose ids are never empty and have no point. */
const newest = { id: literal('.'), pads: literal('') }

/** The pads of the newest key; no part of them is left to evaluate once they are folded into a plan. */
export const newestKey: { readonly inner: Sql; readonly outer: Sql } = {
  inner: sql`substring(${rememberedPads(newest.pads)} for 64)`,
  outer: sql`substring(${rememberedPads(newest.pads)} from 65)`,
}

/** True when it is the id of the newest key; false, and never NULL, when none is remembered. */
export function isNewest(keyId: Sql): Sql {
  return sql`${remembered(newest.id)} is not null and ${keyId} = ${remembered(newest.id)}`
}

const internal = {
  identityArguments: '',
  language: 'plpgsql',
  securityDefiner: false,
  parallelSafe: false,
  settings: pinned,
  isInternal: true,
} as const

/** The functions that keep keys in mind. They run with the rights of their callers. */
export const keyMemory: readonly FunctionShape[] = [
  {
    ...internal,
    name: 'current_keys',
    returns: 'jsonb',
    volatility: 'volatile',
    body: sql`
begin
  if exists (select from pg_locks l
      where l.locktype = 'relation' and l.pid = pg_backend_pid()
        and l.relation = 'watertight.signing_keys'::regclass and l.mode <> 'AccessShareLock') then
    return null;
  end if;
  return (select jsonb_object_agg(k.kid, k.pads) || jsonb_build_object(
      ${newest.id}, (array_agg(k.kid order by k.created_at desc, k.kid desc))[1],
      ${newest.pads}, (array_agg(k.pads order by k.created_at desc, k.kid desc))[1])
    from (select kid, created_at, encode(inner_key || outer_key, 'hex') as pads
      from watertight.signing_keys where not_after is null) k);
end
`,
  },
  {
    ...internal,
    name: 'remembered_keys',
    returns: 'jsonb',
    volatility: 'immutable',
    body: sql`
begin
  return watertight.current_keys();
end
`,
  },
  {
    ...internal,
    name: forgetKeys,
    returns: 'trigger',
    volatility: 'volatile',
    securityDefiner: true,
    body: sql`
begin
  lock table watertight.signing_keys in share update exclusive mode;
  alter function watertight.remembered_keys() cost 100;
  return null;
end
`,
  },
]
