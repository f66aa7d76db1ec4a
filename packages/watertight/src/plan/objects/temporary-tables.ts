import type { AclItem } from '../../catalog/index.js'
import { ident, sql } from '../../sql/index.js'
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
  const [on, role] = [ident(database), ident(migrator)]
  return [
    makeStep({
      id: `temporary:migrator ${migrator}`,
      object: `database ${database}`,
      summary: `grant TEMPORARY on database ${database} to ${migrator}`,
      up: [sql`grant temporary on database ${on} to ${role}`],
      down: [sql`revoke temporary on database ${on} from ${role}`],
      requires: [roleStepId(migrator)],
    }),
  ]
}

function revoke(database: string, { grantee, isPublic, grantable }: AclItem): Step {
  const on = ident(database)
  const role = isPublic ? sql`public` : ident(grantee)
  const option = grantable ? sql` with grant option` : sql``
  const object = `database ${database}`
  return makeStep({
    id: `temporary:${isPublic ? 'everyone' : `role ${grantee}`}`,
    object,
    summary: `revoke TEMPORARY on database ${database} from ${grantee}`,
    up: [sql`revoke temporary on database ${on} from ${role}`],
    down: [sql`grant temporary on database ${on} to ${role}${option}`],
    requires: isPublic ? [] : [roleStepId(grantee)],
    hazards: [
      { kind: 'NARROWS_ACCESS', object, detail: `${grantee} can no longer make temporary tables` },
    ],
  })
}
