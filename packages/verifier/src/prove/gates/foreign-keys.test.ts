import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../../test/judge-script.js'

const model: TenancyInput = {
  tenantKey: { column: 'tenant_id', type: 'uuid' },
  context: { kind: 'guc', tenant: 'app.tenant_id' },
  schemas: ['public'],
}
const mine = `tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`
const guard = (table: string, condition = mine): string => `
  alter table public.${table} enable row level security;
  alter table public.${table} force row level security;
  create policy p on public.${table} using (${condition});
  grant select, insert, update, delete on public.${table} to APP;`
const ofDoc = `exists (select from public.docs d where d.id = doc_id and d.${mine})`

/** Documents, and folders beside them. */
const base = `grant usage on schema public to APP;
  create table public.docs (id uuid primary key, tenant_id uuid not null, unique (tenant_id, id));
  create table public.folders (id uuid primary key, tenant_id uuid not null, unique (tenant_id, id));
  ${guard('docs')} ${guard('folders')}`

/** Files, whose tenant is that of their document. */
const files = (more: string): string => `${base}
  create table public.files (id uuid primary key,
    doc_id uuid not null references public.docs on delete cascade ${more}); ${guard('files', ofDoc)}`
/** Notes, which have a tenant of their own. */
const notes = (fallback: string, key: string): string => `${base}
  create table public.notes (id uuid primary key, tenant_id uuid not null ${fallback}, doc_id uuid default gen_random_uuid(),
    foreign key (tenant_id, doc_id) references public.docs (tenant_id, id) ${key}); ${guard('notes')}`

interface Twins {
  readonly bad: string
  readonly good: string
  /** The cells that the bad twin leaves open, beside INSERT where an upsert is an UPDATE. */
  readonly open: readonly string[]
}

const cases: Readonly<Record<string, Twins>> = {
  'deletes a child along with a row that does not give it its tenant': {
    bad: files(', folder_id uuid references public.folders on delete cascade'),
    good: files(', folder_id uuid references public.folders'),
    open: ['files DELETE', 'folders DELETE'],
  },
  'changes a child along with a row that does not give it its tenant': {
    bad: files(', folder_id uuid references public.folders on delete set null'),
    good: files(', folder_id uuid references public.folders on delete restrict'),
    open: ['files UPDATE', 'folders DELETE', 'folders UPDATE'],
  },
  'deletes a child whose policy looks at the parent that gives it its tenant alone': {
    bad: files(', folder_id uuid not null references public.folders on delete cascade'),
    good: `${base} create table public.files (id uuid primary key,
        doc_id uuid not null references public.docs on delete cascade,
        folder_id uuid not null references public.folders on delete cascade);
      ${guard('files', `${ofDoc} and exists (select from public.folders f where f.id = folder_id and f.${mine})`)}`,
    open: ['files DELETE', 'folders DELETE'],
  },
  'deletes a child of its own table': {
    bad: files(', part_of uuid references public.files on delete cascade'),
    good: files(', part_of uuid references public.files'),
    open: ['files DELETE'],
  },
  'deletes rows of a tenant along with a child of a parent': {
    bad: `${files('')} create table public.marks (id uuid primary key, tenant_id uuid not null,
      file_id uuid references public.files on delete cascade); ${guard('marks')}`,
    good: `${files('')} create table public.marks (id uuid primary key, tenant_id uuid not null,
      file_id uuid references public.files); ${guard('marks')}`,
    open: ['files DELETE', 'marks DELETE'],
  },
  'gives what is left behind to the tenant of a default': {
    bad: notes(`default '00000000-0000-4000-8000-000000000001'`, 'on delete set default'),
    good: notes(`default '00000000-0000-4000-8000-000000000001'`, 'on delete set default (doc_id)'),
    open: ['docs DELETE', 'docs UPDATE', 'notes UPDATE'],
  },
}

const openCells = async (script: string): Promise<readonly string[]> => {
  const { coverage } = await judgeScript(script, model, { live: false })
  return coverage
    .filter(({ verdict, command }) => verdict !== 'proven' && command !== 'INSERT')
    .map(({ object, command }) => `${object.replace('public.', '')} ${command}`)
    .toSorted()
}

it.each(Object.entries(cases))(
  'takes proofs back where a foreign key %s',
  async (_, { bad, good, open }) => {
    expect(await openCells(bad)).toEqual(open)
    expect(await openCells(good)).toEqual([])
  },
)
