import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import type { CaseDatabase } from '../../test/readme-cases.js'
import { loadParser } from '../expr/index.js'
import type { AccessGraph, CoverageRow, TenantSource } from '../findings/index.js'
import { accessGraph } from './access-graph.js'

const tables = `
  create table plans (code text primary key);
  create table notes (id serial primary key, tenant_id text not null, body text);
  create table note_tags (note_id int not null references notes on delete cascade, tag text not null);
  create table events (tenant_id text not null, at timestamptz not null, scan oid) partition by list (tenant_id);
  create table events_a partition of events for values in ('a');
  create table history (tenant_id text not null, body text);
  create schema archive; create table archive.old_notes (tenant_id text not null, body text);
  grant usage on schema archive to app_user;
  alter table notes enable row level security; alter table notes force row level security;
  alter table events enable row level security; alter table events force row level security;
  create policy mine on notes using (tenant_id = current_setting('app.tenant_id', true));
  create policy mine on events using (tenant_id = current_setting('app.tenant_id', true)
    and exists (select from plans));
  grant select, insert, update on notes to app_user; grant select on events, events_a, plans, note_tags to app_user;
  grant select on archive.old_notes to app_user; grant usage on sequence notes_id_seq to app_user;

  create view inner_notes as select id, tenant_id, body from notes;
  create view outer_notes as select id, body from inner_notes;
  create view own_notes with (security_invoker = true) as select id, body from notes;
  create view filed_notes as select id, body from notes;
  create view planned as select code from plans;
  create materialized view note_counts as select tenant_id, count(*) from notes group by 1;
  grant select on outer_notes, own_notes, planned, note_counts to app_user;
  grant select, update on filed_notes to app_user; grant update on own_notes to app_user;

  create function all_notes() returns setof text language sql security definer as 'select body from notes';
  create function atomic_notes() returns bigint security definer begin atomic select count(*) from notes; end;
  create function wipe() returns void language plpgsql security definer as $$
    begin if true then delete from notes where id = 1; end if; perform all_notes(); end $$;
  create function any_table(t text) returns void language plpgsql security definer as $$
    begin execute format('truncate %I', t); end $$;
  create function fixed_text() returns void language plpgsql security definer as $$
    begin execute 'update history set body = ''x'''; end $$;
  create function own_rights(t text) returns void language plpgsql as $$ begin execute 'delete from ' || t; end $$;
  create function pure(n int) returns int language sql security definer as 'select n + 1';
  create function hidden() returns void language sql security definer as 'select body from notes';
  revoke execute on function hidden() from public; grant execute on function hidden() to app_support;
  grant app_support to app_user;

  create function keep() returns trigger language plpgsql security definer as $$
    begin insert into history values (old.tenant_id, old.body); return new; end $$;
  create trigger keep after update on notes for each row execute function keep();
  create rule copy as on insert to notes do also insert into history values (new.tenant_id, new.body);
`

let at: CaseDatabase
let catalog: CatalogSnapshot
let graph: AccessGraph

beforeAll(async () => {
  await loadParser()
  at = await caseDatabase(tables, { 'public.plans': { scope: 'global' } })
  // Publications need the owner of the database.
  await at.database.admin.query(
    'create publication feed for table notes; create publication codes for table plans',
  )
  catalog = await readCatalog(at.database.admin, { schemas: 'all' })
  graph = accessGraph({ model: at.model, catalog, coverage: cells() })
})
afterAll(() => at.database.drop())

/** Coverage as a run makes it, with every cell of the named tables proven. */
function cells(proven: readonly string[] = ['public.notes', 'public.events']): CoverageRow[] {
  const role = at.role('app_user')
  return ['public.notes', 'public.events', 'public.events_a', 'public.note_tags'].flatMap(
    (object) =>
      (['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const).map((command): CoverageRow => {
        const verdict = proven.includes(object) ? 'proven' : 'unknown'
        return {
          object,
          kind: 'table',
          role,
          command,
          verdict,
          by: 'prove',
          reason: 'why',
          assumptions: [],
        }
      }),
  )
}

const of = (object: string, from: AccessGraph = graph): TenantSource[] =>
  from.sources.filter((source) => source.object === object && source.role === at.role('app_user'))

describe('the access graph', () => {
  it.each([
    [
      'a table behind proven cells',
      'public.notes',
      'table',
      'proven',
      /SELECT, INSERT, UPDATE, DELETE proven/,
    ],
    ['a table with an open cell', 'public.note_tags', 'table', 'listed', /SELECT is unknown: why/],
    ['a partition reached directly', 'public.events_a', 'partition', 'listed', /unknown/],
    [
      'a view over an owner-rights view',
      'public.outer_notes',
      'view',
      'listed',
      /reads public\.notes through public\.inner_notes as \w+, whom its policies do not bind/,
    ],
    [
      'a view with the rights of the caller',
      'public.own_notes',
      'view',
      'proven',
      /public\.notes behind proven policies/,
    ],
    [
      'a materialised view',
      'public.note_counts',
      'materialized-view',
      'listed',
      /policies do not bind/,
    ],
    [
      'a SECURITY DEFINER function',
      'public.all_notes()',
      'function',
      'listed',
      /reads public\.notes as/,
    ],
    [
      'one with a body in the standard form',
      'public.atomic_notes()',
      'function',
      'listed',
      /reads public\.notes as/,
    ],
    ['one that writes inside an IF', 'public.wipe()', 'function', 'listed', /public\.notes as/],
    [
      'one that puts SQL together',
      'public.any_table(t text)',
      'function',
      'listed',
      /EXECUTE of SQL that it puts together, which cannot be read, run as/,
    ],
    [
      'one that executes a constant',
      'public.fixed_text()',
      'function',
      'listed',
      /(reads|writes) public\.history as/,
    ],
    [
      'a trigger that runs as its owner',
      'keep on public.notes',
      'trigger',
      'listed',
      /writes public\.history through public\.keep\(\) as/,
    ],
    ['a rule', 'copy on public.notes', 'rule', 'listed', /writes public\.history as/],
    [
      'the sequence of a table',
      'public.notes_id_seq',
      'sequence',
      'listed',
      /how many rows all tenants add to public\.notes/,
    ],
    [
      'large objects that rows point to',
      'public.events',
      'large-objects',
      'listed',
      /no policy governs/,
    ],
    [
      'a table outside the schemas of the model',
      'archive.old_notes',
      'table',
      'listed',
      /outside the schemas/,
    ],
  ])('names %s as a source', (_what, object, kind, gate, reason) => {
    const found = of(object).filter((source) => source.kind === kind)
    expect(found.map((source) => [source.gate, source.reason])).toEqual([
      [gate, expect.stringMatching(reason)],
    ])
  })

  it.each([
    ['a global table', 'public.plans'],
    ['a view of a global table', 'public.planned'],
    ['a function with the rights of its caller', 'public.own_rights(t text)'],
    ['a function that reads no table', 'public.pure(n integer)'],
    ['a table that no runtime role reaches', 'public.history'],
  ])('does not take %s for one', (_what, object) => {
    expect(of(object)).toEqual([])
  })

  it('judges what a view with the rights of its owner changes apart from what it shows', () => {
    const shown: CoverageRow[] = cells()
      .filter(({ object, command }) => object === 'public.notes' && command === 'SELECT')
      .map((cell) => ({ ...cell, object: 'public.filed_notes', kind: 'view' }))
    const judged = accessGraph({ model: at.model, catalog, coverage: [...cells(), ...shown] })
    const gates = of('public.filed_notes', judged).map(({ privileges, gate }) => [privileges, gate])
    expect(gates).toEqual([
      [['UPDATE'], 'listed'],
      [['SELECT'], 'proven'],
    ])
    expect(of('public.own_notes', judged).map(({ gate }) => gate)).toEqual(['proven'])
  })

  it('says on which membership a privilege rests', () => {
    expect(of('public.hidden()')[0]?.path).toEqual([at.role('app_support')])
    expect(of('public.all_notes()')[0]?.path).toEqual(['PUBLIC'])
    expect(of('public.notes')[0]?.path).toEqual([])
  })

  it('lists a publication with those who may replicate, for no policy governs it', () => {
    const publications = graph.sources.filter(({ kind }) => kind === 'publication')
    expect(publications.map(({ object, role, gate }) => [object, role, gate])).toEqual([
      ['feed', null, 'listed'],
    ])
  })

  it('names the role whose rights count on each edge', () => {
    const owner = catalog.relations.find(({ name }) => name === 'notes')?.owner
    const edges = graph.edges.map(({ from, to, kind, as }) => `${from} ${kind} ${to} as ${as}`)
    expect(edges).toEqual(
      expect.arrayContaining([
        `view:public.inner_notes reads table:public.notes as ${owner}`,
        'view:public.own_notes reads table:public.notes as null',
        `function:public.wipe() writes table:public.notes as ${owner}`,
        `rule:copy on public.notes writes table:public.history as ${owner}`,
        'table:public.notes fires trigger:keep on public.notes as null',
        `table:public.notes cascades table:public.note_tags as ${owner}`,
        'partitioned-table:public.events contains partition:public.events_a as null',
        'partitioned-table:public.events policy table:public.plans as null',
        'partitioned-table:public.events points-to large-objects:public.events as null',
        'sequence:public.notes_id_seq numbers table:public.notes as null',
        `publication:feed publishes table:public.notes as ${owner}`,
        `role:${at.role('app_user')} inherits role:${at.role('app_support')} as null`,
      ]),
    )
    const ids = new Set(graph.nodes.map(({ id }) => id))
    expect(graph.edges.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([])
  })

  it('counts an object as proven only when it is so for every role and kind of cell', () => {
    const { sources, proven, declared, listed } = graph.summary
    expect(proven + declared + listed).toBe(sources)
    const open = accessGraph({ model: at.model, catalog, coverage: [] })
    expect(open.summary.proven).toBe(0)
    expect(open.summary.sources).toBe(sources)
  })

  it('trusts functions of schema watertight only where the layer is exactly as generated', async () => {
    const { admin } = at.database
    await admin.query(`create schema watertight; grant usage on schema watertight to ${at.role('app_user')};
      create function watertight.peek() returns setof text language sql security definer as 'select body from public.notes'`)
    const changed = await readCatalog(admin, { schemas: 'all' })
    const judged = (isLayerExact: boolean): string[] =>
      of(
        'watertight.peek()',
        accessGraph({ model: at.model, catalog: changed, coverage: cells(), isLayerExact }),
      ).map(({ gate }) => gate)
    expect(judged(false)).toEqual(['listed'])
    expect(judged(true)).toEqual(['proven'])
  })
})
