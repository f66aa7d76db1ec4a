import { dollarQuoted, ident, joinSql, literal, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { KillingTest } from './killing-test.js'

/**
 * The test as one SQL block that raises an exception where the isolation layer has the fault: for
 * psql, pgTAP's `lives_ok` or any driver. It changes nothing, since its work is undone.
 */
export function printSqlTest(test: KillingTest): string {
  const { title, settings, setup, role, command, expected } = test
  const run = (statement: string): Sql => sql`  execute ${dollarQuoted(trustedSql(statement))};`
  const context = Object.entries(settings).flatMap(([name, value]) =>
    value === null ? [] : [sql`  perform set_config(${literal(name)}, ${literal(value)}, true);`],
  )
  const unset = Object.entries(settings).flatMap(([name, value]) =>
    value === null
      ? [sql`  -- ${trustedSql(comment(name))} must be unset: run this in a session of its own.`]
      : [],
  )
  const reached =
    command === 'GUARD'
      ? [sql`  execute ${dollarQuoted(trustedSql(test.statement))} into reached;`]
      : [
          sql`  begin`,
          ...(role === null ? [] : [sql`  set local role ${ident(role)};`]),
          run(test.statement),
          sql`  get diagnostics touched = row_count;`,
          sql`  reached := ${command === 'SELECT' ? sql`touched > 0` : sql`true`};`,
          sql`  exception when insufficient_privilege or data_exception or undefined_object then reached := false;`,
          sql`  end;`,
          sql`  reset role;`,
          ...(test.remains === null
            ? []
            : [
                sql`  if reached then execute ${dollarQuoted(trustedSql(test.remains))}; get diagnostics touched = row_count; reached := touched = 0; end if;`,
              ]),
        ]
  const verdict = sql`  if reached is distinct from ${trustedSql(String(expected))} then raise exception 'watertight: %', ${literal(title)}; end if;`
  // The work is undone by an exception that the block itself catches.
  const body = joinSql(
    [
      sql`declare reached boolean; touched bigint;`,
      sql`begin`,
      sql`begin`,
      ...setup.map(run),
      ...unset,
      ...context,
      ...reached,
      sql`  raise exception using errcode = 'WT000';`,
      sql`exception when sqlstate 'WT000' then null;`,
      sql`end;`,
      verdict,
      sql`end`,
    ],
    '\n',
  )
  return `-- ${comment(title)}\n${sql`do ${dollarQuoted(body)}`.text};\n`
}

/** The same for Node's own test runner and the driver \`pg\`; DATABASE_URL names a superuser. */
export function printNodeTest(tests: readonly KillingTest[]): string {
  const cases = tests.map(({ title }, index) => {
    const statement = printSqlTest(tests[index] as KillingTest)
    return `test(${JSON.stringify(title)}, () => run(${JSON.stringify(statement)}))\n`
  })
  return `// Made by watertight mutate: each test fails when the isolation layer has the fault it names.
import { test } from 'node:test'
import pg from 'pg'

const connectionString = process.env.DATABASE_URL_MIGRATOR ?? process.env.DATABASE_URL

/** Raises an exception where the fault is there, and changes nothing. */
async function run(statement) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

${cases.join('\n')}`
}

/** One line that cannot end the comment it stands in. */
function comment(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Zl}|\p{Zp}/gu, ' ')
}
