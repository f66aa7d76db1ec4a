import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readFlags, usageError } from './flags.mjs'

const { positionals, values } = readFlags({
  usage: 'npm run new:rule -- ID [flags]',
  about:
    'Scaffolds a lint rule: its folder with code, page and test, and its line in the registry.',
  operands: 'ID: in words such as grant-excess',
  flags: {
    lint: {
      type: 'string',
      value: 'FOLDER',
      default: 'packages/verifier/src/lint',
      about: 'where the rules are',
    },
  },
})
const [id, ...more] = positionals
if (id === undefined || more.length > 0 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
  process.stderr.write('usage: npm run new:rule <id>, in words such as grant-excess\n')
  process.exit(usageError)
}

const lint = resolve(values.lint)
const folder = join(lint, 'rules', id)
const registry = join(lint, 'registry.ts')
const name = id.replaceAll(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase())
if (existsSync(folder)) {
  process.stderr.write(`there is a rule ${id} already: ${folder}\n`)
  process.exit(4)
}

const files = {
  'index.ts': `import { makeFinding } from '../../../findings/index.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** Say in one sentence what is wrong where the rule speaks. */
export const ${name}: CatalogRule = {
  kind: 'catalog',
  id: '${id}',
  title: 'Say in one sentence what is wrong.',
  check: (input) =>
    input.tables.tables.flatMap(({ relation, name }) => {
      const reach = reachOf(input, relation)
      if (!input.tables.isProtected(name) || reach.length === 0 || !isWrong(input, name)) return []
      return [
        makeFinding({
          rule: '${id}',
          severity: 'warning',
          object: name,
          message: \`Say what \${listed(reach.map(({ role }) => role))} can do with \${name}.\`,
          evidence: { roles: reach.map(({ role }) => role) },
          remedy: 'Say what to do, or give the SQL that does it as fix.',
        }),
      ]
    }),
}

/** The fact of the catalog that the rule looks for. */
function isWrong(_input: LintInput, _table: string): boolean {
  return false
}
`,
  'index.test.ts': `import { expect, it } from 'vitest'
import { describeRule, lintSql } from '../../../../test/describe-rule.js'
import { ${name} } from './index.js'

describeRule(${name}, import.meta.url, { severity: 'warning', fixable: false })

it('says nothing about a table that no runtime role can reach', async () => {
  const text = 'create table notes (id int, tenant_id text not null)'
  expect(await lintSql(${name}, text)).toEqual([])
})
`,
  'README.md': `# ${id}

Say in one sentence what is wrong.

## Why it leaks

Say who reaches what, and how.

## Bad

\`\`\`sql
create table notes (id int primary key, tenant_id text not null, body text);
grant select on notes to app_user;
\`\`\`

## Good

\`\`\`sql
create table notes (id int primary key, tenant_id text not null, body text);
alter table notes enable row level security;
alter table notes force row level security;
create policy tenant on notes to app_user
  using (tenant_id = current_setting('app.tenant_id', true))
  with check (tenant_id = current_setting('app.tenant_id', true));
grant select, insert, update, delete on notes to app_user;
\`\`\`

## Fix

Say what the fix does and what it needs.
`,
}

mkdirSync(folder, { recursive: true })
for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
writeFileSync(registry, registered(readFileSync(registry, 'utf8')))
process.stdout.write(`${folder}: index.ts, README.md and index.test.ts, registered.
Next: fill README.md (bad and good SQL) and the rule; its test is red until the bad SQL is found:
  npx vitest run packages/verifier/src/lint/rules/${id}/
The channel that it answers for is named in packages/verifier/src/lint/README.md.
`)

/** The registry with the rule's import and entry, both in the order of ids. */
function registered(text) {
  const line = `import { ${name} } from './rules/${id}/index.js'`
  const imports = text.match(/^import \{ \w+ \} from '\.\/rules\/.*$/gm) ?? []
  const idOf = (each) => each.split('/')[2]
  const after = imports.filter((each) => idOf(each) < id).at(-1)
  const beforeName = after?.match(/\{ (\w+) \}/)?.[1]
  if (after === undefined || beforeName === undefined) {
    return text.replace(imports[0], `${line}\n${imports[0]}`).replace(/(= \[\n)/, `$1  ${name},\n`)
  }
  return text
    .replace(after, `${after}\n${line}`)
    .replace(`\n  ${beforeName},\n`, `\n  ${beforeName},\n  ${name},\n`)
}
