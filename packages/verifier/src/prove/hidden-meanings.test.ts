import type { TenancyInput } from 'watertight/model'
import { describe, expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'
import type { CheckResult } from '../findings/index.js'

const mine = `nullif(current_setting('app.tenant_id', true), '')`

/** A table whose only policy is the condition. */
const docs = (condition: string, key: string): string => `grant usage on schema public to APP;
  create table public.docs (id int primary key, tenant_id ${key} not null, title text);
  alter table public.docs enable row level security; alter table public.docs force row level security;
  create policy p on public.docs using (${condition});
  grant select, insert, update, delete on public.docs to APP;`

/** Equality that a person made, which PostgreSQL then means without printing it. */
const looseEquality = `create function public.same(uuid, uuid) returns boolean language sql immutable
    as $$ select left($1::text, 1) = left($2::text, 1) $$;
  create operator public.= (leftarg = uuid, rightarg = uuid, function = public.same);
  set search_path = public, pg_catalog;`
const looseCollation = `create schema loose; grant usage on schema loose to APP;
  create collation loose."C" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`
const named = (body: string): string => `create function public.is_mine(t text) returns boolean
  language plpgsql stable as $$ ${body} $$;`
const picked = (order: string, volatility: string): string => `
  create table public.tenants (id uuid primary key);
  create function public.pick() returns uuid language sql ${volatility} security definer
    set search_path = public, pg_temp as $$ select t.id from public.tenants t ${order} $$;`

interface Case {
  readonly bad: string
  readonly good: string
  readonly why: string
  readonly key?: 'uuid' | 'text'
}

const cases: Readonly<Record<string, Case>> = {
  'a cast by a function of the database': {
    bad: `create function public.to_uuid(text) returns uuid language plpgsql immutable as $$
        begin return uuid_in(textout($1)); exception when others then return gen_random_uuid(); end $$;
      create cast (text as uuid) with function public.to_uuid(text);
      ${docs(`tenant_id = ${mine}::uuid`, 'uuid')}`,
    good: `create cast (text as uuid) with inout; ${docs(`tenant_id = ${mine}::uuid`, 'uuid')}`,
    why: 'by public.to_uuid()',
  },
  'an operator behind IS NOT DISTINCT FROM': {
    bad: `${looseEquality} ${docs(`tenant_id is not distinct from ${mine}::uuid and ${mine} is not null`, 'uuid')}`,
    good: docs(`tenant_id is not distinct from ${mine}::uuid and ${mine} is not null`, 'uuid'),
    why: 'public.same()',
  },
  'an operator behind CASE': {
    bad: `${looseEquality} ${docs(`case tenant_id when ${mine}::uuid then true else false end`, 'uuid')}`,
    good: docs(`case tenant_id when ${mine}::uuid then true else false end`, 'uuid'),
    why: 'public.same()',
  },
  'an operator behind NULLIF': {
    bad: `${looseEquality} ${docs(`nullif(tenant_id, ${mine}::uuid) is null`, 'uuid')}`,
    good: docs(`nullif(tenant_id, ${mine}::uuid) is null`, 'uuid'),
    why: 'public.same()',
  },
  'a collation that has the name of a plain one': {
    bad: `${looseCollation} ${docs(`tenant_id = ${mine} collate loose."C"`, 'text')}`,
    good: docs(`tenant_id = ${mine} collate "C"`, 'text'),
    why: 'the collation C',
    key: 'text',
  },
  'a variable with a collation': {
    bad: `${looseCollation} ${named(`declare c text collate loose."C" := ${mine}; begin return t = c; end`)}
      ${docs('public.is_mine(tenant_id)', 'text')}`,
    good: `${named(`declare c text := ${mine}; begin return t = c; end`)}
      ${docs('public.is_mine(tenant_id)', 'text')}`,
    why: 'its body is not modelled',
    key: 'text',
  },
  'a function that answers by chance': {
    bad: `${picked('order by random() limit 1', 'stable')}
      ${docs(`tenant_id = public.pick() and public.pick() = ${mine}::uuid`, 'uuid')}`,
    good: `${picked('order by t.id limit 1', 'stable')}
      ${docs(`tenant_id = public.pick() and public.pick() = ${mine}::uuid`, 'uuid')}`,
    why: 'random()',
  },
  'a function that may answer otherwise the second time': {
    bad: `${picked('limit 1', 'volatile')}
      ${docs(`tenant_id = public.pick() and public.pick() = ${mine}::uuid`, 'uuid')}`,
    good: `${picked('limit 1', 'volatile')}
      ${docs(`tenant_id = public.pick() and tenant_id = ${mine}::uuid`, 'uuid')}`,
    why: 'does not follow from the policies',
  },
  'a sort key that sets the context': {
    bad: `${picked(`order by set_config('app.tenant_id', t.id::text, true) limit 1`, 'stable')}
      ${docs(`public.pick() is not null and tenant_id = ${mine}::uuid`, 'uuid')}`,
    good: `${picked('order by t.id limit 1', 'stable')}
      ${docs(`public.pick() is not null and tenant_id = ${mine}::uuid`, 'uuid')}`,
    why: 'set_config()',
  },
  'an aggregate that sets the context': {
    bad: `create table public.tenants (id uuid primary key);
      ${docs(`(select count(set_config('app.tenant_id', t.id::text, true)) from public.tenants t) >= 0 and tenant_id = ${mine}::uuid`, 'uuid')}`,
    good: `create table public.tenants (id uuid primary key);
      ${docs(`(select count(t.id::text) from public.tenants t) >= 0 and tenant_id = ${mine}::uuid`, 'uuid')}`,
    why: 'set_config()',
  },
  'a condition of an aggregate that sets the context': {
    bad: `create table public.tenants (id uuid primary key);
      ${docs(`(select count(*) filter (where set_config('app.tenant_id', t.id::text, true) <> '') from public.tenants t) >= 0 and tenant_id = ${mine}::uuid`, 'uuid')}`,
    good: `create table public.tenants (id uuid primary key);
      ${docs(`(select count(*) filter (where t.id::text <> '') from public.tenants t) >= 0 and tenant_id = ${mine}::uuid`, 'uuid')}`,
    why: 'set_config()',
  },
}

const openReasons = async (script: string, kind: 'signed' | 'guc'): Promise<string> => {
  const { coverage } = await judgeScript(
    script,
    {
      tenantKey: { column: 'tenant_id', type: 'text' },
      context: kind === 'signed' ? { kind } : { kind, tenant: 'app.tenant_id' },
      schemas: ['public'],
    },
    { live: false },
  )
  return coverage.map(({ reason }) => reason).join()
}

const verdictOf = ({ coverage }: CheckResult): readonly { verdict: string; reason: string }[] =>
  coverage.filter(({ object, command }) => object === 'public.docs' && command === 'SELECT')

describe('what a text means without saying so', { timeout: 120_000 }, () => {
  it.each(Object.entries(cases))(
    'is never proven: %s',
    async (_, { bad, good, why, key = 'uuid' }) => {
      const model: TenancyInput = {
        tenantKey: { column: 'tenant_id', type: key },
        context: { kind: 'guc', tenant: 'app.tenant_id' },
        schemas: ['public'],
        tables: { 'public.tenants': { scope: 'global' } },
      }
      const judged = verdictOf(await judgeScript(bad, model, { live: false }))
      expect(judged).toMatchObject([{ verdict: 'unknown', reason: expect.stringContaining(why) }])
      const sound = verdictOf(await judgeScript(good, model, { live: false }))
      expect(sound).toMatchObject([{ verdict: 'proven' }])
    },
  )

  it.each([
    ['', `select t::text = ${mine}`, 'sql'],
    [`set search_path = ''`, `select t::text = ${mine}`, 'sql'],
    [`set search_path = ''`, `declare c text := ${mine}; begin return t = c; end`, 'plpgsql'],
  ])(
    'a type that a temporary one can stand in for, where SQL of others is reckoned with: %s %s',
    async (path, body, language) => {
      const script = (settings: string): string => `
        create function public.is_mine(t varchar) returns boolean language ${language} stable ${settings} as $$ ${body} $$;
        ${docs('public.is_mine(tenant_id)', 'varchar')}`
      const why = 'names the type text without its schema'
      expect(await openReasons(script(path), 'signed')).toContain(why)
      expect(
        await openReasons(script('set search_path = public, pg_temp'), 'signed'),
      ).not.toContain(why)
      expect(await openReasons(script(path), 'guc')).not.toContain(why)
    },
  )
})
