import type pg from 'pg'
import { print } from '../expression.js'
import type { FuzzFunction, FuzzPolicy, FuzzTable, World } from '../world.js'
import type { FuzzRoles, Place } from './place.js'

/** Roles and the function that runs attempts, once for a run. */
export async function prepareServer(client: pg.Client, prefix: string): Promise<FuzzRoles> {
  const role = (name: string): string => `${prefix}_${name}`
  const roles: FuzzRoles = {
    app: role('app'),
    lone: role('lone'),
    grp: role('grp'),
    far: role('far'),
    stranger: role('stranger'),
    definer: role('definer'),
  }
  const { app, lone, grp, far, stranger, definer } = roles
  await client.query(`
    create role ${app}; create role ${lone} noinherit; create role ${grp}; create role ${far};
    create role ${stranger}; create role ${definer};
    grant ${grp} to ${app}, ${lone}; grant ${far} to ${grp};
    create extension if not exists citext schema public;
    create schema fuzz; revoke create on schema public from public`)
  await client.query(runner)
  // A policy that calls itself through functions ends soon.
  await client.query(`set max_stack_depth = '300kB'; set statement_timeout = '8s'`)
  return roles
}

/**
 * Runs each attempt as its role under its settings and takes it back. What an attempt did is looked
 * at as the superuser; a query gives its own result.
 */
const runner = `
  create function fuzz.run(attempts jsonb) returns jsonb language plpgsql set jit = off as $run$
  declare a jsonb; seen jsonb; results jsonb[] := '{}';
  begin
    for a in select value from jsonb_array_elements(attempts) loop
      seen := null;
      begin
        if a ->> 'before' is not null then execute a ->> 'before'; end if;
        perform set_config(key, value, true) from jsonb_each_text(a -> 'settings') where value is not null;
        perform set_config('role', a ->> 'role', true);
        if a ->> 'observe' is null then
          execute a ->> 'statement' into seen;
        else
          execute a ->> 'statement';
          perform set_config('role', 'none', true);
          execute a ->> 'observe' into seen;
        end if;
        raise exception using errcode = 'WT000';
      exception
        when sqlstate 'WT000' then
          results := results || jsonb_build_object('seen', seen);
        when others then
          results := results || jsonb_build_object('error', sqlstate, 'message', sqlerrm);
      end;
    end loop;
    return to_jsonb(results);
  end $run$`

/** What of a world the server did not take: random expressions are not always typed. */
export interface Built {
  readonly world: World
  readonly refused: number
}

/** Builds a world in its place, in the open transaction; leaves out what the server refuses. */
export async function buildWorld(client: pg.Client, world: World, place: Place): Promise<Built> {
  const { schema, roles, fill } = place
  const everyone = Object.values(roles).join(', ')
  await client.query(
    fill(`
    create schema ${schema}; grant usage on schema ${schema} to ${everyone};
    create type {s}.mood as enum ('a', 'b', 'ab');
    create collation {s}.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    ${world.tables
      .toSorted((a, b) => shared(b) - shared(a))
      .map(tableSql)
      .join(';\n')}`),
  )
  let refused = 0
  const taken = async (statement: string): Promise<boolean> => {
    try {
      await client.query(`savepoint part; ${fill(statement)}; release part`)
      return true
    } catch {
      await client.query('rollback to part')
      refused += 1
      return false
    }
  }
  const functions: FuzzFunction[] = []
  for (const fn of world.functions) if (await taken(functionSql(fn))) functions.push(fn)
  const tables: FuzzTable[] = []
  for (const table of world.tables) {
    const policies: FuzzPolicy[] = []
    for (const policy of table.policies) {
      if (await taken(policySql(table.name, policy, policies.length))) policies.push(policy)
    }
    tables.push({ ...table, policies })
  }
  for (const table of world.tables) await insertRows(client, table, place)
  return { world: { ...world, functions, tables }, refused }
}

const shared = ({ isChild }: FuzzTable): number => (isChild ? 0 : 1)

function tableSql(table: FuzzTable): string {
  const { name, columns, constraints, secured, forced, grantee, privileges } = table
  const defined = columns.map(({ name: column, sqlType, notNull }) => {
    const isKey = column === 'id'
    return `${column} ${sqlType}${isKey ? ' primary key' : notNull ? ' not null' : ''}`
  })
  const isShared = !name.startsWith('t')
  return `create table {s}.${name} (${[...defined, 'mark int', ...constraints].join(', ')});
    ${secured ? `alter table {s}.${name} enable row level security;` : ''}
    ${forced ? `alter table {s}.${name} force row level security;` : ''}
    grant ${privileges.join(', ')} on {s}.${name} to ${isShared ? '{runtime}, {grp}' : grantee};
    ${isShared ? `grant select on {s}.${name} to {definer}` : ''}`
}

function functionSql({ head, body, tail, name, owner }: FuzzFunction): string {
  const made = `${head}${print(body)}${tail}`
  if (owner === null) return made
  return `${made}; alter function {s}.${name} owner to ${owner}`
}

/** The statement that makes a policy. */
export function policySql(table: string, policy: FuzzPolicy, index: number): string {
  const { command, permissive, roles, using, check } = policy
  return [
    `create policy p${index} on {s}.${table} as ${permissive ? 'permissive' : 'restrictive'}`,
    `for ${command.toLowerCase()} to ${roles.length === 0 ? 'public' : roles.join(', ')}`,
    using === null ? '' : `using (${print(using)})`,
    check === null ? '' : `with check (${print(check)})`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

async function insertRows(client: pg.Client, table: FuzzTable, { schema }: Place): Promise<void> {
  const names = table.columns.map(({ name }) => name)
  const types = table.columns.map(({ sqlType }) => sqlType.replace(/ collate .*$/, ''))
  const picked = names.map((name, index) => `(r ->> '${name}')::${types[index]}`)
  await client.query(
    `insert into ${schema}.${table.name} (${names.join(', ')})
       select ${picked.join(', ').replaceAll('{s}', schema)} from jsonb_array_elements($1::jsonb) r
       where not $2 or (r ->> 'p_id')::int in (select id from ${schema}.p) on conflict do nothing`,
    [JSON.stringify(table.rows), table.isChild],
  )
}
