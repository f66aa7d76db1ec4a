import { ident, sql } from '../../sql/index.js'
import { callerRoles, disclosureRoles, kernelOwner, roleStepId, runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/** USAGE on the schemas that hold declared tables and the kernel; nobody at run time may CREATE. */
export function planSchemaGrants(planning: Planning): readonly Step[] {
  const { model, snapshot } = planning
  const owner = kernelOwner(planning)
  const needed = [...new Set(planning.tables.map(({ relation }) => relation.schema))]
  const runtime = runtimeRoles(model)
  const disclosing = disclosureRoles(model)
  const calling = callerRoles(model)
  const callersIn = (schema: string): readonly string[] => [
    ...new Set(
      planning.disclosures
        .filter(({ info }) => info.schema === schema)
        .flatMap(({ disclosure }) => disclosure.callers),
    ),
  ]
  const steps: Step[] = []
  for (const schema of [...needed, 'watertight']) {
    const info = snapshot.schemas.find(({ name }) => name === schema)
    const acl = info?.acl ?? []
    const isKernel = schema === 'watertight'
    const users = [...runtime, ...disclosing, ...callersIn(schema), ...(isKernel ? [] : [owner])]
    const missing = users.filter(
      (role) =>
        role !== info?.owner &&
        !acl.some(({ grantee, privilege }) => grantee === role && privilege === 'USAGE'),
    )
    for (const role of missing) {
      const [on, to] = [ident(schema), ident(role)]
      steps.push(
        makeStep({
          id: `grant:schema:${schema}:${role}`,
          object: schema,
          summary: `grant USAGE on schema ${schema} to ${role}`,
          up: [sql`grant usage on schema ${on} to ${to}`],
          down: [sql`revoke usage on schema ${on} from ${to}`],
          requires: [roleStepId(role), ...(isKernel ? ['schema:watertight'] : [])],
        }),
      )
    }
    for (const { grantee, isPublic, privilege, grantable } of acl) {
      if (
        privilege !== 'CREATE' ||
        !(isPublic || [...runtime, ...disclosing, ...calling].includes(grantee))
      )
        continue
      const [on, from] = [ident(schema), isPublic ? sql`public` : ident(grantee)]
      steps.push(
        makeStep({
          id: `revoke:schema:${schema}:${grantee}`,
          object: schema,
          summary: `revoke CREATE on schema ${schema} from ${grantee}`,
          up: [sql`revoke create on schema ${on} from ${from}`],
          down: [
            sql`grant create on schema ${on} to ${from}${grantable ? sql` with grant option` : sql``}`,
          ],
          hazards: [
            {
              kind: 'NARROWS_ACCESS',
              object: schema,
              detail: `${grantee} can no longer create objects`,
            },
          ],
        }),
      )
    }
  }
  return steps
}
