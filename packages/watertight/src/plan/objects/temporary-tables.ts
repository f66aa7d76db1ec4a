import type { AclItem } from '../../catalog/index.js'
import { dollarQuoted, joinSql, literal, sql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { roleStepId, runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/**
 * No TEMPORARY on the database for runtime roles and PUBLIC: a temporary table outlives its
 * transaction on a pooled connection, where it hides a real table of the same name from the tenant
 * that comes next (its schema is searched first unless `search_path` says otherwise).
 */
export function planTemporaryTables(planning: Planning): readonly Step[] {
  const { model, snapshot } = planning
  const { database, isSuperuser, currentUser } = snapshot.server
  const runtime = new Set(runtimeRoles(model))
  const holders = snapshot.database.acl.filter(
    ({ grantee, isPublic, privilege }) =>
      privilege === 'TEMPORARY' &&
      (isPublic || runtime.has(grantee)) &&
      grantee !== snapshot.database.owner,
  )
  if (holders.length === 0) return []
  if (!isSuperuser && currentUser !== snapshot.database.owner) {
    const message = `lets ${holders.map(({ grantee }) => grantee).join(', ')} make temporary tables, which only its owner can revoke`
    planning.notes.push({ object: `database ${database}`, message })
    return []
  }
  const revokes = holders.map((holder) => revoke(database, holder))
  return [...keepForMigrator(planning), ...revokes]
}

/** Plans are made with temporary tables, so the migrator keeps what everyone loses. */
function keepForMigrator({ model, snapshot }: Planning): readonly Step[] {
  const { migrator } = model.roles
  const { database } = snapshot.server
  if (migrator === null || migrator === snapshot.database.owner) return []
  const holds = snapshot.database.acl.some(
    ({ grantee, isPublic, privilege }) =>
      grantee === migrator && !isPublic && privilege === 'TEMPORARY',
  )
  if (holds) return []
  return [
    makeStep({
      id: `temporary:migrator ${migrator}`,
      object: `database ${database}`,
      summary: `grant TEMPORARY on database ${database} to ${migrator}`,
      up: [onThisDatabase('grant temporary on database %I to %I', migrator)],
      down: [onThisDatabase('revoke temporary on database %I from %I', migrator)],
      requires: [roleStepId(migrator)],
    }),
  ]
}

function revoke(database: string, { grantee, isPublic, grantable }: AclItem): Step {
  const object = `database ${database}`
  return makeStep({
    id: `temporary:${isPublic ? 'everyone' : `role ${grantee}`}`,
    object,
    summary: `revoke TEMPORARY on database ${database} from ${grantee}`,
    up: [
      isPublic
        ? onThisDatabase('revoke temporary on database %I from public')
        : onThisDatabase('revoke temporary on database %I from %I', grantee),
    ],
    down: [
      // Only roles can hold a grant option, PUBLIC cannot (manual, GRANT).
      isPublic
        ? onThisDatabase('grant temporary on database %I to public')
        : grantable
          ? onThisDatabase('grant temporary on database %I to %I with grant option', grantee)
          : onThisDatabase('grant temporary on database %I to %I', grantee),
    ],
    requires: isPublic ? [] : [roleStepId(grantee)],
    hazards: [
      { kind: 'NARROWS_ACCESS', object, detail: `${grantee} can no longer make temporary tables` },
    ],
  })
}

/**
 * A statement about the database that it runs in, whatever its name is there: the file of a plan is a
 * migration, and what runs it elsewhere (staging, CI, `check` of a folder) calls the database otherwise.
 */
function onThisDatabase(template: string, ...names: readonly string[]): Sql {
  const values = [sql`pg_catalog.current_database()`, ...names.map((name) => literal(name))]
  const statement = sql`pg_catalog.format(${joinSql([literal(template), ...values])})`
  return sql`do ${dollarQuoted(sql`begin execute ${statement}; end`)}`
}
