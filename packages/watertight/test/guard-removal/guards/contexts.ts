import type { Guard } from '../guard.js'
import { testsIn } from '../guard.js'

const runtime = 'src/runtime'
const isolation = `${runtime}/tx-manager-isolation.test.ts`
const leftovers = `${runtime}/tx-manager-leftovers.test.ts`
const defects = `${runtime}/known-defects.test.ts`

/** Which context a statement runs under, and for how long. */
export const contextGuards: readonly Guard[] = [
  {
    name: 'a signed context ends with its transaction',
    file: `${runtime}/context-statement.ts`,
    text: "set_config('watertight.context', $1, true)",
    without: "set_config('watertight.context', $1, false)",
    noticedBy: [
      ...testsIn(isolation, 'isolation leaves no context to the next user of a pooled connection'),
      ...testsIn(defects, 'a session-level SET leaks through a transaction pooler'),
    ],
  },
  {
    name: 'the settings of a plain context end with their transaction',
    file: `${runtime}/context-statement.ts`,
    text: 'set_config($${2 * i + 1}, $${2 * i + 2}, true)',
    without: 'set_config($${2 * i + 1}, $${2 * i + 2}, false)',
    noticedBy: [
      ...testsIn(leftovers, 'a transaction leaves on its connection no setting of a plain context'),
      ...testsIn(
        `${runtime}/tx-manager-options.test.ts`,
        'time-outs hold for one transaction: of the call, else of the manager, else of the server',
      ),
    ],
  },
  {
    name: 'every setting of a plain context is written, absent claims as well',
    file: `${runtime}/context-statement.ts`,
    text: "(name === null ? [] : [[name, value ?? ''] as const])",
    without: '(name === null || value === null ? [] : [[name, value] as const])',
    noticedBy: testsIn(
      leftovers,
      'a transaction is not touched by what a session left for a claim that is absent',
    ),
  },
  {
    name: 'no context means no statement',
    file: `${runtime}/ambient-context.ts`,
    text: 'if (context === undefined || context === null) {',
    without: 'if (context == null) return context as never\n  if (context === 0) {',
    noticedBy: testsIn(
      isolation,
      'no statement runs without a context',
      'no statement runs with a null context',
    ),
  },
  {
    name: 'only parsed contexts are accepted',
    file: `${runtime}/ambient-context.ts`,
    text: 'if (isTenantContext(context)) return context',
    without: "if (typeof context === 'object' && context !== null) return context as never",
    noticedBy: testsIn(isolation, 'no statement runs with a context that was not parsed'),
  },
  {
    name: 'an expired context is refused before anything is sent',
    file: `${runtime}/admission.ts`,
    text: 'const context = requireContext(given)\n    this.#requireFresh(context)',
    without: 'const context = requireContext(given)',
    noticedBy: testsIn(isolation, 'no statement runs with an expired context'),
  },
  {
    name: 'expiry is checked again as the token is signed',
    file: `${runtime}/admission.ts`,
    text: 'claim(context: TenantContext): Statement {\n    this.#requireFresh(context)',
    without: 'claim(context: TenantContext): Statement {',
    noticedBy: testsIn(
      isolation,
      'no statement runs with a context that expires while waiting for a connection',
    ),
  },
  {
    name: 'an open transaction cannot switch its context',
    file: `${runtime}/admission.ts`,
    text: 'if (this.#surrounding() === null) return context',
    without: 'if (this.#isExpired(context) === false) return context',
    noticedBy: [
      ...testsIn(defects, 'a nested transaction silently switches tenant'),
      ...testsIn(
        `${runtime}/tx-manager-run.test.ts`,
        'nested run refuses another context, whatever the way it comes in',
      ),
    ],
  },
  {
    name: 'only a call with the same claims joins an open transaction',
    file: `${runtime}/admission.ts`,
    text: 'outer.context !== null && isSameContext(outer.context, context) ? outer : null',
    without: 'outer',
    noticedBy: testsIn(defects, 'a nested transaction silently switches tenant'),
  },
  {
    name: 'an ambient context ends with the run that gave it',
    file: `${runtime}/ambient-context.ts`,
    text: 'if (ambient != null && !ambient.isOpen()) {',
    without: 'if (ambient === undefined && storage === null) {',
    noticedBy: testsIn(
      `${runtime}/ambient-context.test.ts`,
      'the ambient context ends with the run that gave it, for what was left running there',
    ),
  },
  {
    name: 'connections are opened outside of the context of whoever needs one',
    file: `${runtime}/ambient-context.ts`,
    text: 'storage.run(null, fn)',
    without: 'fn()',
    noticedBy: testsIn(
      isolation,
      'isolation gives code on a connection no ambient context of the request that opened it',
    ),
  },
  {
    name: 'the role of a pool is checked before its first statement',
    file: `${runtime}/role-pools.ts`,
    text: 'await checkRuntimeRole(queryableOf(session), { role })',
    without: '',
    noticedBy: testsIn(
      isolation,
      'the boot check stands before the first statement, and again until it passes',
    ),
  },
  {
    name: 'a job from claims cannot choose its mode',
    file: `${runtime}/bound-tx-manager.ts`,
    text: "if (job.mode !== undefined && job.mode !== 'worker') throw notWorker()",
    without: '',
    noticedBy: testsIn(
      `${runtime}/tx-manager-options.test.ts`,
      'a bound handle asWorker({"mode":"member","tenantId":"acme"}) is refused, and never more than it says: INVALID_CONTEXT',
    ),
  },
  {
    name: 'a job from a context runs in mode worker alone',
    file: `${runtime}/bound-tx-manager.ts`,
    text: "if (context.mode === 'worker') return context",
    without: 'if (context !== null) return context',
    noticedBy: testsIn(
      `${runtime}/tx-manager-options.test.ts`,
      'a bound handle asWorker({"mode":"member","tenantId":"acme","userId":null,"orgScope":null,"orgUnitId":null,"capabilities":[],"accessGrantId":null,"expiresAt":9999999999}) is refused, and never more than it says: INVALID_CONTEXT',
    ),
  },
  {
    name: 'the subtree of an org unit ends at its tenant',
    file: 'src/plan/kernel/signed-functions.ts',
    text: 'where ${inTenant} and u.${parent} = any(l.ids))',
    without: 'where u.${parent} = any(l.ids))',
    noticedBy: testsIn(
      'src/plan/kernel/org-unit-tree.test.ts',
      'on PostgreSQL 18 covers a unit and all below it, of the own tenant, wherever the parents lead',
    ),
  },
]
