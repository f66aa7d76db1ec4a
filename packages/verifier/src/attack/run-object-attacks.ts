import type { Queryable } from 'watertight/sql'
import type { LintInput } from '../lint/rule.js'
import { makeGrants } from './access-grants.js'
import { inconclusive } from './attack.js'
import type { Outcome } from './attack.js'
import type { ObjectProbe, ObjectSubject } from './object-attack.js'
import { loginSettings } from './login-settings.js'
import { objectAttacks } from './object-registry.js'
import { readOrgUnits } from './org-units.js'
import { prepareRows, synthesisFor } from './prepare-rows.js'
import type { Pair } from './principals.js'
import type { AttackResult } from './attack-result.js'
import { hasMoreRowsThan } from './samples.js'
import { inRolledBackTransaction } from './session.js'
import type { ProbeLimits, ProbeSession } from './session.js'
import type { Target } from './target.js'
import { contextMaker } from './tenant-context/context-maker.js'
import { whenEnded } from './when-ended.js'

/** What one run over all objects needs. */
export interface ObjectRun {
  readonly input: LintInput
  readonly pair: Pair
  readonly targets: ReadonlyMap<string, Target>
  readonly limits: ProbeLimits
  /** Tables with more rows are not written to without WHERE. */
  readonly mostBlindRows: number
}

/**
 * Attacks views, functions, triggers, foreign keys and whatever else leads to protected rows: all
 * under a context, those that say something without one on a connection that never had any.
 */
export async function runObjectAttacks(
  db: Queryable,
  run: ObjectRun,
  context: 'own' | 'none',
): Promise<{ readonly results: AttackResult[]; readonly statements: number }> {
  const results: AttackResult[] = []
  let statements = 0
  const attacks = objectAttacks.filter(
    ({ withoutContext }) => context === 'own' || withoutContext === true,
  )
  for (const attack of attacks) {
    for (const subject of attack.subjects(run.input, run.targets)) {
      for (const role of run.input.roles) {
        const acts = role.kind === 'app' || role.kind === 'public'
        if (!acts || !subject.isFor(role.name)) continue
        const outcome = await inRolledBackTransaction(db, run.limits, async (session) => {
          const found = await attackSubject(run, session, subject, role, context)
          statements += session.statements
          return found
        }).catch(whenEnded)
        // Without a context nothing shows that the attack could have worked: it can only find.
        if (context === 'none' && outcome.kind !== 'leak') continue
        results.push({
          object: subject.object,
          related: subject.related,
          role: role.name,
          roleKind: role.kind,
          attack: {
            id: attack.id,
            title: attack.title,
            command: subject.command,
            context,
            ...(attack.severity !== undefined && { severity: attack.severity }),
          },
          outcome,
        })
      }
    }
  }
  return { results, statements }
}

async function attackSubject(
  run: ObjectRun,
  session: ProbeSession,
  subject: ObjectSubject,
  role: LintInput['roles'][number],
  kind: 'own' | 'none',
): Promise<Outcome> {
  const { input, pair, targets } = run
  const orgUnits = await readOrgUnits(input, session, pair.own.tenant)
  const synthesis: ObjectProbe['synthesis'] = (side) =>
    synthesisFor(input, session, targets, pair[side])
  const grants = await makeGrants(input, synthesis('own'), pair.own, [role])
  const maker = await contextMaker(input, session, orgUnits, grants)
  if (typeof maker === 'string') return inconclusive(maker)
  const context = kind === 'own' ? maker.make(pair.own, role) : loginSettings(input, role.name)
  if (typeof context === 'string') return inconclusive(context)
  const foreign = maker.make(pair.foreign, role)
  const probe: ObjectProbe = {
    input,
    session,
    role: role.name,
    pair,
    targets,
    context,
    foreignContext: typeof foreign === 'string' ? null : foreign,
    isSuperuser: input.catalog.server.isSuperuser,
    isLarge: (target) => hasMoreRowsThan(session, target, run.mostBlindRows),
    rows: (target) => prepareRows(input, session, targets, target, pair),
    synthesis,
  }
  return session.attempt(() => subject.run(probe))
}
