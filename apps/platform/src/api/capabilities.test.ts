import { describe, expect, it } from 'vitest'
import { capabilitiesOfGrant } from './capabilities.js'
import type { Access, Route } from './route.js'
import { routes } from './routes.js'

type TenantAccess = Extract<Access, { kind: 'tenant' }>

/** Capabilities that name what is open; inviting is not, though its list can be read. */
function opened(isOpen: (access: TenantAccess, route: Route) => boolean): readonly string[] {
  const names = routes.flatMap((route) => {
    const { access } = route
    return access.kind === 'tenant' && isOpen(access, route) ? [access.capability] : []
  })
  return [...new Set(names)].filter((name) => name !== 'members.write').toSorted()
}

describe('the capabilities that a session shows of a grant', () => {
  it('are what the routes open to auditors', () => {
    const open = opened(({ auditor }, { method }) => auditor === true && method === 'GET')
    expect([...capabilitiesOfGrant('auditor', false)].toSorted()).toEqual(open)
  })

  it.each([false, true])(
    'are what the routes open to platform support that writes: %s',
    (writes) => {
      const open = opened(
        ({ support, asWorker }, { method }) =>
          support === true && asWorker !== true && (writes || method === 'GET'),
      )
      expect([...capabilitiesOfGrant('platform', writes)].toSorted()).toEqual(open)
    },
  )
})
