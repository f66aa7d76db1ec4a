import { sql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { pinned } from './function-shape.js'
import type { FunctionShape } from './function-shape.js'

/*
 * Looking a key up is half of what verifying a token costs, so each session remembers the keys that
 * have no end: `remembered_keys()` says IMMUTABLE, and PL/pgSQL plans an expression once, folding
 * what is immutable into it. What is remembered goes when the plan goes, and a plan goes as soon as
 * a function that it names is altered (`inval.c`, `plancache.c`): so the trigger on the keys alters
 * that function, in the transaction that ends a key. An absent key means that the table is asked.
 *
 * INVARIANT: what a session remembers is committed, and as new as the last change it has heard of.
 * - The keys are read under a snapshot of their own (a VOLATILE function takes one), never under an
 *   older one of the statement: with a snapshot that lasts, the table is asked instead.
 * - Nothing is remembered by a transaction that has locked the table for writing: its keys may
 *   never be committed.
 * - A session hears of changes when it takes a lock that it does not hold, also within an open
 *   transaction: `pg_relation_is_updatable` takes one on a table that nothing else of a request
 *   reads, and releases it.
 */

/** The trigger function, on `watertight.signing_keys`, that lets every session forget its keys. */
export const forgetKeys = 'forget_keys'

/** SECURITY: what is folded into a plan shows in its tree, which `debug_print_plan` would tell clients. */
export const unspokenPlans: FunctionShape['settings'] = { debug_print_plan: 'off' }

/** Sets `pads` to what the session remembers of a key, where it may go by that. */
export function rememberedPads(keyId: Sql): Sql {
  return sql`if current_setting('transaction_isolation') = 'read committed'
      and pg_relation_is_updatable('watertight.applied_plans', false) is not null then
    pads := decode(watertight.remembered_keys() ->> ${keyId}, 'hex');
  end if;`
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
  return (select jsonb_object_agg(k.kid, encode(k.inner_key || k.outer_key, 'hex'))
    from watertight.signing_keys k where k.not_after is null);
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
