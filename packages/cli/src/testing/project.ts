import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TenancyInput } from 'watertight/model'

/** A folder with a configuration file, as a user has it. */
export interface Project {
  readonly folder: string
  write(name: string, text: string): Promise<string>
  remove(): Promise<void>
}

/** Makes a temporary folder, with `watertight.config.json` when a declaration is given. */
export async function createProject(declaration?: TenancyInput): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'watertight-project-'))
  // The server runs as another user when the tests run as root.
  await chmod(folder, 0o755)
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }
  if (declaration !== undefined) {
    await write('watertight.config.json', JSON.stringify(declaration, null, 2))
  }
  return { folder, write, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Tables of a small product: tenants, invoices with their lines, plans for everybody. */
export const shopTables = `
  create schema app;
  create table app.tenants (id uuid primary key, name text not null);
  create table app.invoices (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references app.tenants (id),
    amount numeric not null
  );
  create table app.lines (
    id bigint generated always as identity primary key,
    invoice_id uuid not null references app.invoices (id),
    text text not null
  );
  create table app.plans (name text primary key);
`

/** Their declaration, with the names of the roles. */
export function shopDeclaration(prefix: string): TenancyInput {
  return {
    schemas: ['app'],
    tenantKey: { table: 'app.tenants', columnByTable: { 'app.tenants': 'id' } },
    roles: { prefix },
    tables: {
      'app.tenants': { scope: 'tenant' },
      'app.invoices': { scope: 'tenant' },
      'app.lines': { scope: 'tenant', through: 'app.invoices' },
      'app.plans': { scope: 'global' },
    },
  }
}
