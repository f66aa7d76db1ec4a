import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keys, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedRole, AttackedShop } from '../../../../../test/attacked-shop.js'
import { serverMajors } from '../../../../../test/database.js'
import { hmacPads } from '../../runtime/index.js'

const roles: readonly AttackedRole[] = ['app', 'worker', 'auditor', 'platform', 'public']

/** Every writing of every key that a server could print. */
const secrets = Object.values(keys)
  .flatMap(({ secret }) => {
    const { inner, outer } = hmacPads(secret)
    return [Buffer.from(secret), inner, outer].flatMap((bytes) => {
      const part = bytes.subarray(4, 24)
      return [
        part.toString('hex'),
        part.toString('base64').slice(0, 24),
        part.toString('latin1'),
        // As node trees, COPY and the escape format of bytea print them.
        [...part].join(' '),
        [...part].join(','),
        inEscapeFormat(part),
        // Sessions remember keys as text, which trees of plans print byte by byte.
        [...Buffer.from(part.toString('hex'))].join(' '),
      ]
    })
  })
  .map((secret) => JSON.stringify(secret).slice(1, -1).toLowerCase())

function inEscapeFormat(bytes: Buffer): string {
  return [...bytes]
    .map((byte) =>
      byte < 32 || byte > 126
        ? `\\${byte.toString(8).padStart(3, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
    .replace(/\\(?!\d{3})/g, '\\\\')
}

function leaksIn(text: string): boolean {
  const spoken = text.toLowerCase()
  // Trees of plans are broken into lines, within numbers too.
  const unbroken = spoken.replaceAll(/\\n|\s/g, '')
  return secrets.some(
    (secret) => spoken.includes(secret) || unbroken.includes(secret.replaceAll(' ', '')),
  )
}

/** All that a client gets to see of a script: rows, errors with their fields, notices. */
async function transcript(client: pg.Client, script: readonly string[]): Promise<string> {
  const seen: unknown[] = []
  const onNotice = (notice: unknown): number => seen.push(notice)
  client.on('notice', onNotice)
  for (const statement of script) {
    try {
      const result: unknown = await client.query({ text: statement, rowMode: 'array' })
      for (const { rows } of [result].flat() as { rows: unknown }[]) seen.push(rows)
    } catch (error) {
      seen.push({ ...(error as object), message: (error as Error).message })
    }
  }
  await client.query('rollback')
  await client.query('discard all')
  client.off('notice', onNotice)
  return JSON.stringify(seen, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && 'type' in value && value.type === 'Buffer'
      ? Buffer.from((value as unknown as { data: number[] }).data).toString('hex')
      : value,
  )
}

/** Statements that must be refused outright. */
const refused: readonly string[] = [
  'select * from watertight.signing_keys',
  'select kid from watertight.signing_keys',
  'select count(*) from watertight.signing_keys',
  'select signing_keys from watertight.signing_keys',
  'select ctid, xmin from watertight.signing_keys',
  'select * from watertight.applied_plans',
  'table watertight.signing_keys',
  'select watertight.current_keys()',
  'select watertight.remembered_keys()',
  'alter function watertight.remembered_keys() stable',
  'copy watertight.signing_keys to stdout',
  'copy (select inner_key from watertight.signing_keys) to stdout',
  `copy watertight.signing_keys to '/tmp/keys'`,
  `copy watertight.signing_keys to program 'cat'`,
  'explain (analyze, verbose) select * from watertight.signing_keys',
  'begin; lock table watertight.signing_keys in access share mode',
  'prepare keys as select * from watertight.signing_keys; execute keys',
  'declare keys cursor for select * from watertight.signing_keys; fetch all from keys',
  'do $$ begin perform inner_key from watertight.signing_keys; end $$',
  'create temp view keys as select * from watertight.signing_keys; table keys',
  'create temp table keys as table watertight.signing_keys',
  'create temp table keys (like watertight.signing_keys including all)',
  'create function pg_temp.keys() returns bytea language sql as $$ select inner_key from watertight.signing_keys $$; select pg_temp.keys()',
  'create function pg_temp.keys() returns bytea language sql security definer as $$ select inner_key from watertight.signing_keys $$; select pg_temp.keys()',
  'create temp table old_keys () inherits (watertight.signing_keys)',
  'select * from shop.orders, watertight.signing_keys',
  'select (select inner_key from watertight.signing_keys limit 1) from shop.currencies',
  `insert into watertight.signing_keys values ('mine', decode(repeat('00', 64), 'hex'), decode(repeat('00', 64), 'hex'))`,
  `insert into watertight.signing_keys values ('k1') on conflict do nothing`,
  'update watertight.signing_keys set not_after = null',
  'update watertight.signing_keys set not_after = null returning inner_key',
  'delete from watertight.signing_keys',
  `merge into watertight.signing_keys k using (select 'k1' as kid) s on s.kid = k.kid when matched then delete`,
  'truncate watertight.signing_keys',
  'analyze verbose watertight.signing_keys; select * from pg_statistic',
  'grant select on watertight.signing_keys to current_user; select * from watertight.signing_keys',
  'alter table watertight.signing_keys owner to current_user',
  'create rule spy as on insert to watertight.signing_keys do also notify spy',
  'create trigger spy before insert on watertight.signing_keys execute function suppress_redundant_updates_trigger()',
  'create policy spy on watertight.signing_keys',
  'create statistics pg_temp.spy on kid, not_after from watertight.signing_keys',
  'create index on watertight.signing_keys (inner_key)',
  'create table watertight.spy ()',
  'create or replace function watertight.tenant_id() returns uuid language sql as $$ select null::uuid $$',
  'alter function watertight.tenant_id() security invoker',
  'alter function watertight.tenant_id() reset all',
  'comment on table watertight.signing_keys is null',
  'create publication spy for table watertight.signing_keys',
  `create subscription spy connection 'dbname=postgres' publication spy`,
  `select pg_read_file('pg_hba.conf')`,
  `select pg_read_binary_file(pg_relation_filepath('watertight.signing_keys'))`,
  `select lo_import('/etc/passwd')`,
  'select * from pg_authid',
  'select * from pg_largeobject',
  'select * from pg_statistic',
  'select * from pg_user_mapping',
  `select * from pg_logical_slot_get_changes('none', null, null)`,
  `load '$libdir/auto_explain'`,
  'create extension pageinspect',
  'create extension file_fdw',
  'set log_statement_stats = on',
  `set session_preload_libraries = 'auto_explain'`,
  `set jit_dump_bitcode = on`,
  `set log_min_messages = debug5`,
  'set log_error_verbosity = verbose',
  'set backtrace_functions = sha256',
  `set plpgsql.variable_conflict = 'use_column'`,
]

/** Statements that the server may run, and that must not show a key. */
const quiet: readonly (readonly [string, readonly string[]])[] = [
  [
    'the definitions of the kernel',
    [
      'select pg_get_functiondef(oid), prosrc from pg_proc where pronamespace = (select oid from pg_namespace where nspname = $$watertight$$)',
      `select pg_describe_object(classid, objid, 0), * from pg_depend`,
      'select * from pg_description',
      'select * from pg_constraint',
      'select pg_get_indexdef(indexrelid) from pg_index',
      'select pg_get_expr(adbin, adrelid) from pg_attrdef',
      'select * from pg_policies',
      'select * from pg_rules',
      'select * from pg_views',
    ],
  ],
  [
    'statistics',
    [
      'select * from pg_stats',
      'select * from pg_stats_ext',
      'select * from pg_stat_all_tables',
      'select * from pg_statio_all_tables',
      'select * from pg_class',
      'select * from pg_attribute',
    ],
  ],
  [
    'what others run',
    [
      'select * from pg_stat_activity',
      'select * from pg_prepared_statements',
      'select * from pg_cursors',
      'select * from pg_locks',
      'select * from pg_settings',
      'select * from pg_db_role_setting',
      'select * from pg_file_settings',
      'select * from pg_seclabels',
      'select * from pg_largeobject_metadata',
      'select * from pg_backend_memory_contexts',
    ],
  ],
  [
    'plan trees and debug messages',
    [
      'begin',
      'set local client_min_messages = debug5',
      'set local debug_print_parse = on',
      'set local debug_print_rewritten = on',
      'set local debug_print_plan = on',
      'set local debug_pretty_print = on',
      'set local plan_cache_mode = force_custom_plan',
      'set local log_parameter_max_length_on_error = -1',
      'set local plpgsql.print_strict_params = on',
      `set local plpgsql.extra_errors = 'all'`,
      `set local plpgsql.extra_warnings = 'all'`,
      'TOKEN',
      'select watertight.tenant_id(), watertight.mode()',
      'explain (analyze, verbose, buffers, settings) select * from shop.orders',
      'select count(*) from shop.products',
      'set local plan_cache_mode = force_generic_plan',
      'select watertight.user_id()',
      'select count(*) from shop.orders',
    ],
  ],
  [
    'an error inside the kernel',
    [
      'begin',
      'set local client_min_messages = debug5',
      'set local bytea_output = escape',
      'NONSENSE',
      'savepoint a',
      'select watertight.tenant_id()',
      'rollback to a',
      `do $$ declare d text; c text; h text; begin perform watertight.tenant_id(); exception when others then
       get stacked diagnostics d = pg_exception_detail, c = pg_exception_context, h = pg_exception_hint; raise notice '% % % %', sqlerrm, d, c, h; end $$`,
      'set local statement_timeout = 1',
      'select count(watertight.tenant_id()) from generate_series(1, 1000000)',
    ],
  ],
  [
    'objects of its own in the way of the kernel',
    [
      'begin',
      'create temp table signing_keys (kid text, inner_key bytea, outer_key bytea, not_after timestamptz)',
      'create function pg_temp.sha256(bytea) returns bytea language plpgsql as $$ begin raise notice $n$%$n$, $1; return $1; end $$',
      'create function pg_temp.spy(bytea, bytea) returns boolean language plpgsql as $$ begin raise notice $n$% %$n$, $1, $2; return true; end $$',
      'create function pg_temp.glue(bytea, bytea) returns bytea language plpgsql as $$ begin raise notice $n$% %$n$, $1, $2; return $1; end $$',
      'create operator pg_temp.= (leftarg = bytea, rightarg = bytea, function = pg_temp.spy)',
      'create operator pg_temp.|| (leftarg = bytea, rightarg = bytea, function = pg_temp.glue)',
      'create domain pg_temp.bytea as text',
      'create domain pg_temp.jsonb as text',
      'create domain pg_temp.text as pg_catalog.name',
      'set local search_path = pg_temp, watertight, pg_catalog',
      'TOKEN',
      'select watertight.tenant_id(), watertight.mode(), watertight.user_id()',
      'select count(*) from shop.orders',
    ],
  ],
]

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  beforeAll(async () => {
    shop = await openAttackedShop(major)
  })
  afterAll(() => shop.drop())

  it.each(roles)('the %s role is refused every way to read or change the keys', async (mode) => {
    const client = await shop.as(mode)
    const outcomes: Record<string, unknown> = {}
    for (const statement of refused) {
      const outcome = await client.query(statement).then(
        () => 'ran',
        (error: pg.DatabaseError) => error.code,
      )
      await client.query('rollback')
      await client.query('discard all')
      if (outcome !== '42501') outcomes[statement] = outcome
    }
    const { rows } = await shop.admin.query('select kid from watertight.signing_keys order by 1')
    expect(rows).toEqual([{ kid: 'k1' }, { kid: 'k2' }, { kid: 'k3' }])
    expect(outcomes).toEqual({})
  })

  it.each(quiet)('%s: no key shows in what a client sees', async (_name, script) => {
    for (const mode of roles) {
      const client = await shop.as(mode)
      const spoken = script.map((statement) =>
        statement === 'TOKEN' || statement === 'NONSENSE'
          ? setting(shop.token(mode, statement === 'TOKEN' ? {} : { t: 'nobody', u: 'nobody' }))
          : statement,
      )
      const text = await transcript(client, spoken)
      expect(text.length).toBeGreaterThan(100)
      // Only the app role may read all that the scripts read; a refusal ends its transaction.
      expect(mode === 'app' && text.includes('25P02')).toBe(false)
      expect(leaksIn(text)).toBe(false)
    }
  })

  it('the same look would notice a key, were it readable', async () => {
    for (const output of ['hex', 'escape']) {
      await shop.admin.query(`set bytea_output = ${output}`)
      const rows = await transcript(shop.admin, [
        'select inner_key::text from watertight.signing_keys',
      ])
      expect(leaksIn(rows)).toBe(true)
    }
    const raised = `do $$ begin raise notice '%', (select inner_key from watertight.signing_keys limit 1); end $$`
    expect(leaksIn(await transcript(shop.admin, [raised]))).toBe(true)
  })

  it('without its own setting the kernel would show remembered keys in the trees of its plans', async () => {
    const [, script] = quiet.find(([name]) => name.startsWith('plan trees')) ?? []
    await shop.admin.query('alter function watertight.tenant_id() reset debug_print_plan')
    const client = await shop.as('app')
    const spoken = (script ?? []).map((statement) =>
      statement === 'TOKEN' ? setting(shop.token('app')) : statement,
    )
    expect(leaksIn(await transcript(client, spoken))).toBe(true)
  })
})

function setting(token: string): string {
  return `set local watertight.context = '${token.replaceAll("'", "''")}'`
}
