import { baseOf } from '../session/place.js'
import type { PlacedSession, Session } from '../session/session.js'

/** A place that the caller may go to: another document. */
export interface Choice {
  readonly key: string
  readonly label: string
  readonly href: string
  readonly isCurrent: boolean
  /** How deep it is in a tree, from 0. */
  readonly depth: number
}

/** Choices under a heading. */
export interface Choices {
  readonly title: string
  readonly choices: readonly Choice[]
}

type OrgUnit = Session['orgUnits'][number]

/** Tenants, windows on tenants, and the platform for its staff; groups without any are left out. */
export function placeChoices({ session, place }: PlacedSession): readonly Choices[] {
  const groups: readonly Choices[] = [
    {
      title: 'Tenants',
      choices: session.tenants
        .filter(({ status }) => status === 'active')
        .map(({ id, slug, name }) => ({
          key: id,
          label: name,
          href: `${baseOf({ kind: 'member', tenant: slug, orgUnitId: null })}/`,
          isCurrent: place.kind === 'member' && place.tenant === slug,
          depth: 0,
        })),
    },
    {
      title: 'Windows',
      choices: session.grants
        .filter(({ isOpen }) => isOpen)
        .map(({ id, tenantName, mode }) => ({
          key: id,
          label: `${tenantName}, as ${mode === 'auditor' ? 'auditor' : 'platform support'}`,
          href: `${baseOf({ kind: 'grant', grantId: id })}/`,
          isCurrent: place.kind === 'grant' && place.grantId === id,
          depth: 0,
        })),
    },
    {
      title: 'Platform',
      choices: session.user.isPlatformStaff
        ? [
            {
              key: 'platform',
              label: 'Platform',
              href: '/platform/',
              isCurrent: place.kind === 'platform',
              depth: 0,
            },
          ]
        : [],
    },
  ]
  return groups.filter(({ choices }) => choices.length > 0)
}

/** Org units of the member as a tree, after all of them together; none for tenants with one unit. */
export function orgUnitChoices({ session, place }: PlacedSession): readonly Choice[] {
  if (place.kind !== 'member' || session.orgUnits.length < 2) return []
  const here = place
  const all: Choice = {
    key: 'all',
    label: 'All units',
    href: `${baseOf({ ...here, orgUnitId: null })}/`,
    isCurrent: here.orgUnitId === null,
    depth: 0,
  }
  return [
    all,
    ...asTree(session.orgUnits).map(([{ id, name }, depth]) => ({
      key: id,
      label: name,
      href: `${baseOf({ ...here, orgUnitId: id })}/`,
      isCurrent: here.orgUnitId === id,
      depth,
    })),
  ]
}

/** Units after their parents; whose parent is not seen stands at the top. */
function asTree(units: readonly OrgUnit[]): readonly (readonly [OrgUnit, number])[] {
  const seen = new Set(units.map(({ id }) => id))
  const below = (parent: string | null, depth: number): (readonly [OrgUnit, number])[] =>
    units
      .filter(({ parentId }) =>
        parent === null ? parentId === null || !seen.has(parentId) : parentId === parent,
      )
      .flatMap((unit) => [[unit, depth] as const, ...below(unit.id, depth + 1)])
  return below(null, 0)
}
