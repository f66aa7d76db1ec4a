import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import type { CaseDatabase } from '../../test/readme-cases.js'
import { comparedColumns } from './user-column.js'

let at: CaseDatabase
let catalog: CatalogSnapshot

beforeAll(async () => {
  at = await caseDatabase(`
    create function tenant() returns text language sql stable as $$ select current_setting('app.tenant_id', true) $$;
    create function me() returns text language plpgsql stable as $$
      declare v text := current_setting('app.user_id', true); begin return v; end $$;
    create table written (tenant_id text, writer text);
    create policy p on written using (tenant_id = tenant() and writer = (select me()));
    create table plain (tenant_id text, owner text);
    create policy p on plain using (owner = current_setting('app.user_id', true));
    create table staff (tenant_id text, person text);
    create policy p on staff using (tenant_id = tenant());
    create function is_staff() returns boolean language sql stable as
      $$ select exists (select from staff s where s.tenant_id = tenant() and s.person = me()) $$;
    create table apart (tenant_id text, title text);
    create policy p on apart using (tenant_id = tenant() and me() is not null);`)
  catalog = await readCatalog(at.database.admin, { schemas: 'all' })
})
afterAll(() => at.database.drop())

it.each([
  ['written', ['writer']],
  ['plain', ['owner']],
  ['staff', ['person']],
  ['apart', []],
])('finds what %s compares with the user', (name, columns) => {
  const relation = catalog.relations.find((each) => each.name === name)
  expect(relation).toBeDefined()
  if (relation === undefined) return
  expect(comparedColumns(relation, 'app.user_id', catalog.functions)).toEqual(columns)
})
