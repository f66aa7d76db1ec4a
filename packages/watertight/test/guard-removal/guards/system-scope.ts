import type { Guard } from '../guard.js'
import { testsIn } from '../guard.js'

const file = 'src/runtime/system-scope.ts'
const tests = 'src/runtime/system-scope.test.ts'

/** What keeps a migration from doing nothing, or from doing it to the wrong rows. */
export const systemScopeGuards: readonly Guard[] = [
  {
    name: 'a write of no row is an error',
    file,
    text: 'accept: requireRows,',
    without: '',
    noticedBy: testsIn(
      tests,
      'a system scope fails, with nothing done, on an UPDATE of no row, unless told so',
      'a system scope fails, with nothing done, on an MERGE of no row, unless told so',
    ),
  },
  {
    name: 'a role of which RLS would hide rows is refused',
    file,
    text: 'if (!mustSeeAll) return session',
    without: 'if (session !== null) return session',
    noticedBy: testsIn(
      tests,
      'a system scope refuses the owner of a table under FORCE, whose UPDATE would silently change no row',
    ),
  },
  {
    name: 'the server is told to refuse what RLS would filter',
    file,
    text: "settingsStatement([['row_security', 'off']])",
    without: "settingsStatement([['row_security', 'on']])",
    noticedBy: testsIn(
      tests,
      'a system scope is told by the server of a table that came under FORCE meanwhile',
    ),
  },
  {
    name: 'the tenant of a scope is a parsed context',
    file,
    text: 'tenantClaim(requireContext(tenant), options)',
    without: 'tenantClaim(tenant, options)',
    noticedBy: testsIn(tests, 'a system scope works on the rows of one tenant under its context'),
  },
  {
    name: 'the tenant of a scope is told to the server',
    file,
    text: 'if (Date.now() / 1000 < tenant.expiresAt) return claim(tenant)',
    without: "if (claim !== null) return settingsStatement([['row_security', 'off']])",
    noticedBy: testsIn(tests, 'a system scope works on the rows of one tenant under its context'),
  },
  {
    name: 'the context of a scope expires',
    file,
    text: 'if (Date.now() / 1000 < tenant.expiresAt) return claim(tenant)',
    without: 'if (claim !== null) return claim(tenant)',
    noticedBy: testsIn(
      tests,
      'a system scope says that its context has expired, before anything is sent',
    ),
  },
  {
    name: 'the connections of a scope know nothing of the context around it',
    file,
    text: 'withoutContext(() => acquire(driver, tenant === undefined))',
    without: 'acquire(driver, tenant === undefined)',
    noticedBy: testsIn(
      tests,
      'a system scope takes nothing of the context that it is called under',
    ),
  },
]
