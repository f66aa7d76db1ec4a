import { readFileSync } from 'node:fs'
import { defineTenancy } from 'watertight/model'
import type { ContextInput, TenancyInput, TenancyModel } from 'watertight/model'
import { createTestDatabase } from '../../../test/database.js'
import type { TestDatabase } from '../../../test/database.js'

/** The parts of a rule's or attack's page that its test executes. */
export interface ReadmeCases {
  readonly bad: string
  readonly good: string
  /** Tables of the model, from the page's JSON block; none without it. */
  readonly tables: NonNullable<TenancyInput['tables']>
  /** Context and org units of the model, from the page's JSON block. */
  readonly model: ModelParts
}

/** What a page may say of the model besides its tables. */
export type ModelParts = Pick<TenancyInput, 'context' | 'disclosures' | 'orgUnits'>

const plainSettings: ContextInput = { kind: 'guc', tenant: 'app.tenant_id', user: 'app.user_id' }

/** Reads the page beside a test file. */
export function readCases(testUrl: string): ReadmeCases {
  const text = readFileSync(new URL('README.md', testUrl), 'utf8')
  const block = (heading: string, language: string): string | undefined =>
    new RegExp(`^## ${heading}\\n[\\s\\S]*?^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(
      text,
    )?.[1]
  const bad = block('Bad', 'sql')
  const good = block('Good', 'sql')
  if (bad === undefined || good === undefined)
    throw new Error(`no bad and good SQL beside ${testUrl}`)
  const tables = block('Model', 'json')
  const model = block('Context', 'json')
  return {
    bad,
    good,
    tables: tables === undefined ? {} : JSON.parse(tables),
    model: model === undefined ? {} : JSON.parse(model),
  }
}

/** Words of the pages that get a name which must be quoted, and may not be spliced. */
const renamable =
  /\b(?<!-)(notes|accounts|events|replies|inbox|titles|body|all_notes|note_count|has_word|current_tenant)\b/g

/** The same SQL, or model, with names that contain quotes, blanks and an end of statement. */
export function hostile<T extends string | object>(text: T): T {
  if (typeof text === 'string') return text.replaceAll(renamable, (name) => quoted(name)) as T
  return JSON.parse(
    JSON.stringify(text).replaceAll(renamable, (name) => JSON.stringify(quoted(name)).slice(1, -1)),
  )
}

function quoted(name: string): string {
  return `"${name} ""; -- "`
}

const roles = ['app_user', 'app_owner', 'app_support', 'app_directory', 'anon_user'] as const

/** A database with the SQL of a page in it; its roles carry the test's prefix. */
export interface CaseDatabase {
  readonly database: TestDatabase
  readonly model: TenancyModel
  /** A role of the pages under its real name. */
  role(name: (typeof roles)[number]): string
}

/** Makes a database, the roles that pages speak of, and runs the SQL as a superuser. */
export async function caseDatabase(
  text: string,
  tables: TenancyInput['tables'] = {},
  parts: ModelParts = {},
): Promise<CaseDatabase> {
  const database = await createTestDatabase()
  const role = (name: string): string => `${database.rolePrefix}_${name}`
  const { admin } = database
  await admin.query(`create role ${role('app_owner')} nologin; create role ${role('app_user')} login;
    create role ${role('app_support')} nologin; create role ${role('app_directory')} nologin; create role ${role('anon_user')} login;
    grant usage on schema public to ${roles.map(role).join(', ')}`)
  await admin.query(renamed(text, role))
  const model = defineTenancy({
    tenantKey: { column: 'tenant_id', type: 'text' },
    userKey: { type: 'text' },
    context: plainSettings,
    ...parts,
    ...(parts.disclosures && {
      disclosures: { ...parts.disclosures, role: role('app_directory') },
    }),
    roles: {
      app: role('app_user'),
      owner: role('app_owner'),
      public: role('anon_user'),
      migrator: null,
      auditor: null,
      worker: null,
      platform: null,
    },
    schemas: ['public'],
    tables,
  })
  return { database, model, role }
}

function renamed(text: string, role: (name: string) => string): string {
  return text.replaceAll(new RegExp(`\\b(${roles.join('|')})\\b`, 'g'), (name) => role(name))
}
