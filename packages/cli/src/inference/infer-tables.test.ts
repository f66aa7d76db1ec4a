import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { createProject } from '../testing/project.js'
import type { Project } from '../testing/project.js'
import { runCli } from '../testing/run-cli.js'

let project: Project
let database: TestDatabase

beforeEach(async () => {
  project = await createProject()
  database = await createTestDatabase()
})

afterEach(async () => {
  await project.remove()
  await database.drop()
})

/** What `init` declares of tables without the tenant's column: their names and parents. */
async function parents(script: string): Promise<readonly string[]> {
  await database.admin.query(script)
  await runCli(['init', database.url], { cwd: project.folder })
  const text = await readFile(join(project.folder, 'watertight.config.ts'), 'utf8')
  return [
    ...text.matchAll(/'public\.(\w+)': \{ scope: 'tenant', through: 'public\.(\w+)' \}/g),
  ].map(([, child, parent]) => `${child} ${parent}`)
}

const mine = `current_setting('app.club', true)::uuid`
const clubs = `
  create table matches (id uuid primary key, club_id uuid not null);
  create table areas (id uuid primary key, club_id uuid not null);
  alter table matches enable row level security; alter table areas enable row level security;
  create policy p on matches using (club_id = ${mine}); create policy p on areas using (club_id = ${mine});`

it('init declares the parent that policies follow, of grandchildren too', async () => {
  const found = await parents(`${clubs}
    create table scores (id uuid primary key, area_id uuid not null references areas, match_id uuid not null references matches);
    create table cheers (id uuid primary key, area_id uuid not null references areas, score_id uuid not null references scores);
    alter table scores enable row level security; alter table cheers enable row level security;
    create policy p on scores using (match_id in (select m.id from matches m where m.club_id = ${mine}));
    create policy p on cheers using (score_id in (select s.id from scores s));`)
  expect(found).toEqual(['cheers scores', 'scores matches'])
})

it('init declares the parent that takes rows with it, where no policy tells', async () => {
  const found = await parents(`${clubs}
    create table scores (id uuid primary key, area_id uuid not null references areas,
      match_id uuid not null references matches on delete cascade);`)
  expect(found).toEqual(['scores matches'])
})

it('init declares a parent of tables whose keys lead in a ring', async () => {
  const found = await parents(`${clubs}
    create table rounds (id uuid primary key, area_id uuid not null references areas, best uuid not null);
    create table shots (id uuid primary key, round_id uuid not null references rounds on delete cascade);
    alter table rounds add foreign key (best) references shots on delete cascade;`)
  expect(found).toEqual(['rounds areas', 'shots rounds'])
})
