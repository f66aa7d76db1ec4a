import type { FunctionInfo } from '../../catalog/index.js'
import { formatTableName } from '../../model/index.js'
import { ident, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import type { BoundDisclosure } from '../bound-model.js'
import { disclosureRoles, roleStepId } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/**
 * Functions that disclose: owned by the role that may read what they declare and no more, and
 * executable by the roles of their modes and nobody else. What that role owns and the model does not
 * declare is executable by nobody.
 */
export function planDisclosures(planning: Planning): readonly Step[] {
  const [role] = disclosureRoles(planning.model)
  if (role === undefined) return []
  const declared = new Set(planning.disclosures.map(({ info }) => info))
  const strays = planning.snapshot.functions.filter(
    (info) => info.owner === role && !declared.has(info),
  )
  return [
    ...planning.disclosures.flatMap((bound) =>
      settle(planning, role, bound.info, executors(planning, bound)),
    ),
    ...strays.flatMap((info) => settle(planning, role, info, [])),
  ]
}

function executors({ model }: Planning, { disclosure }: BoundDisclosure): readonly string[] {
  return [...disclosure.modes.flatMap((mode) => model.roles[mode] ?? []), ...disclosure.callers]
}

function settle(
  planning: Planning,
  role: string,
  info: FunctionInfo,
  wanted: readonly string[],
): readonly Step[] {
  const actual = info.acl.filter(
    ({ privilege, grantee, isPublic }) =>
      privilege === 'EXECUTE' && (isPublic || grantee !== info.owner),
  )
  const isWanted = (item: (typeof actual)[number]): boolean =>
    !item.isPublic && wanted.includes(item.grantee)
  const missing = wanted.filter(
    (name) => !actual.some((item) => isWanted(item) && item.grantee === name),
  )
  const excess = actual.filter((item) => !isWanted(item))
  const passable = actual.filter((item) => isWanted(item) && item.grantable)
  const isOwned = info.owner === role
  if (isOwned && [missing, excess, passable].every(({ length }) => length === 0)) return []
  const on = signature(info)
  const to = (item: (typeof actual)[number]): Sql =>
    item.isPublic ? sql`public` : ident(item.grantee)
  const object = formatTableName(info)
  return [
    makeStep({
      id: `disclosure:${on.text}`,
      object,
      summary: `let ${on.text} be called by ${wanted.join(', ') || 'nobody'}, as ${role}`,
      up: [
        ...excess.map((item) => sql`revoke all on function ${on} from ${to(item)} cascade`),
        ...passable.map(
          (item) => sql`revoke grant option for execute on function ${on} from ${to(item)} cascade`,
        ),
        ...(isOwned ? [] : changeOwner(planning, info, role)),
        ...missing.map((name) => sql`grant execute on function ${on} to ${ident(name)}`),
      ],
      down: [
        ...missing.map((name) => sql`revoke all on function ${on} from ${ident(name)}`),
        ...(isOwned ? [] : changeOwner(planning, info, info.owner)),
        ...passable.map(
          (item) => sql`grant execute on function ${on} to ${to(item)} with grant option`,
        ),
        ...excess.map((item) => sql`grant execute on function ${on} to ${to(item)}`),
      ],
      requires: [
        roleStepId(role),
        `membership:${role}:${planning.snapshot.server.currentUser}`,
        ...wanted.map(roleStepId),
      ],
      hazards:
        missing.length === 0
          ? []
          : [
              {
                kind: 'WIDENS_ACCESS',
                object,
                detail: `${missing.join(', ')} may ask what the function answers across tenants`,
              },
            ],
      downHazards:
        excess.length === 0 && isOwned
          ? []
          : [
              {
                kind: 'GRANTS_BYPASS',
                object,
                detail: `it runs as ${info.owner} again, for whoever could call it before`,
              },
            ],
    }),
  ]
}

function signature(info: FunctionInfo): Sql {
  return sql`${qualifiedName(info.schema, info.name)}(${trustedSql(info.identityArguments)})`
}

/** A new owner needs CREATE on the schema, unless a superuser says so (manual, ALTER FUNCTION). */
function changeOwner(planning: Planning, info: FunctionInfo, owner: string): readonly Sql[] {
  const change = sql`alter function ${signature(info)} owner to ${ident(owner)}`
  const { server, schemas } = planning.snapshot
  const mayCreate = schemas
    .find(({ name }) => name === info.schema)
    ?.acl.some(({ privilege, grantee }) => privilege === 'CREATE' && grantee === owner)
  if (server.isSuperuser || mayCreate === true) return [change]
  const [on, to] = [ident(info.schema), ident(owner)]
  return [
    sql`grant create on schema ${on} to ${to}`,
    change,
    sql`revoke create on schema ${on} from ${to}`,
  ]
}
