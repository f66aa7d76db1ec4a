import { ident, sql } from 'watertight/sql'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome } from '../../attack.js'
import { foreignSelect } from '../foreign-select/index.js'

/** Changes to every role that it may change to, and reads. */
export const roleChange: Attack = {
  id: 'role-change',
  title: 'Changes to another role with SET ROLE and reads rows of another tenant.',
  command: 'SELECT',
  context: 'own',
  applies: (input, _target, role) => others(input, role).length > 0,
  run: async (probe) => {
    const { input, role, session, target } = probe
    if (!probe.isSuperuser) return inconclusive('only a superuser can try what a login may become')
    const plain = await session.attempt(() => foreignSelect.run(probe))
    if (plain.kind === 'leak') return inconclusive('it leaks without changing the role')
    let best: Outcome = inconclusive('the server refuses every change of role')
    for (const name of others(input, role)) {
      const outcome = await session.attempt(async () => {
        // SET ROLE asks whether the user of the session is a member (manual, SET ROLE).
        const login = await session.admin(sql`set local session authorization ${ident(role)}`)
        if (!login.ok) return null
        const changed = await session.keep(() =>
          session.asSession(sql`set local role ${ident(name)}`),
        )
        await session.asSession(sql`set local session authorization default`)
        return changed.ok ? foreignSelect.run({ ...probe, role: name }) : null
      })
      if (outcome?.kind === 'leak') {
        const what = `${outcome.what} once ${role} has changed to ${name} with SET ROLE`
        return { ...outcome, what, related: [name] }
      }
      if (outcome !== null && input.access.can(name, 'SELECT', target.table.relation)) best = held
    }
    return best
  },
}

const most = 12

/** Roles that the role may SET ROLE to, by itself or in steps. */
function others({ access, catalog }: LintInput, role: string): readonly string[] {
  if (access.isSuperuser(role)) return []
  const known = new Set(catalog.roles.map(({ name }) => name))
  return [...access.closure(role).reachable]
    .filter((name) => name !== role && known.has(name) && !name.startsWith('pg_'))
    .toSorted()
    .slice(0, most)
}
