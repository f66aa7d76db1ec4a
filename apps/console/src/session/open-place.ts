import type { Api } from '../api/client.js'
import { createApi } from '../api/client.js'
import { openTransport } from '../api/transport.js'
import type { Configuration } from '../configuration.js'
import { baseOf } from './place.js'
import type { Place } from './place.js'
import type { PlacedSession, Session } from './session.js'
import { renewTokens, signOut } from './sign-in.js'
import { keepToken } from './token-keeper.js'
import type { PlaceToken, ProviderTokens } from './tokens.js'

/** A document that may show its place, or where to go instead. */
export type OpenedPlace =
  | { readonly kind: 'ready'; readonly api: Api; readonly placed: PlacedSession | null }
  | { readonly kind: 'elsewhere'; readonly path: string }
  | { readonly kind: 'nowhere'; readonly api: Api; readonly placed: PlacedSession }

/**
 * Turns the tokens of a person into those of a place, by what the server says at this moment.
 *
 * @param onSignedOut called when the server or the provider ends the session
 */
export async function openPlace(
  configuration: Configuration,
  place: Place,
  tokens: ProviderTokens,
  onSignedOut: () => void,
): Promise<OpenedPlace> {
  const person = keepToken(tokens, (old) => renewTokens(configuration, old))
  const bearer = async (): Promise<string | null> => (await person.current())?.accessToken ?? null
  const own = createApi(openTransport({ tenantId: null, bearer, onSignedOut }))
  // Who is invited may have no account yet, and so no session.
  if (place.kind === 'invitation') return { kind: 'ready', api: own, placed: null }
  const session = await readSession(own)
  const leave = (): void => void signOut(configuration, person.latest())
  // The token of the provider is what the sign-in rests on: the place's own is renewed from it.
  const endsAt = (): number =>
    Math.max(Date.parse(session.signedInUntil), person.latest().expiresAt)
  const outside: PlacedSession = { session, place, endsAt, signOut: leave }
  const nowhere = { kind: 'nowhere', api: own, placed: outside } as const

  if (place.kind === 'start') {
    const first = firstPlaceOf(session)
    return first === null ? nowhere : { kind: 'elsewhere', path: `${baseOf(first)}/` }
  }
  if (place.kind === 'platform') {
    if (!session.user.isPlatformStaff) return nowhere
    return { kind: 'ready', api: own, placed: outside }
  }
  const target = targetOf(place, session)
  if (target === null) return nowhere
  const switchPlace = async (): Promise<PlaceToken | null> => {
    const { data } = await own.fetch.POST('/api/v1/session/switch', { body: target.body })
    return data === undefined
      ? null
      : { token: data.accessToken, expiresAt: Date.parse(data.expiresAt) }
  }
  const first = await switchPlace()
  if (first === null) return nowhere
  const held = keepToken(first, switchPlace)
  const api = createApi(
    openTransport({
      tenantId: target.tenantId,
      bearer: async () => (await held.current())?.token ?? null,
      onSignedOut,
    }),
  )
  const placed: PlacedSession = {
    session: await readSession(api),
    place,
    endsAt,
    signOut: leave,
  }
  return { kind: 'ready', api, placed }
}

/** What a person is told whose sign-in is of the provider, and of no use to the server. */
export const refusedSignIn =
  'The server does not accept a sign-in that was made just now. Its issuer, its audience or its clock may be set otherwise than those of the provider.'

const reasons: Readonly<Record<number, string>> = {
  401: refusedSignIn,
  404: 'You have no account here yet.',
}

/** Thrown with what the server said when there is no session to show. */
export class NoSession extends Error {
  readonly status: number
  constructor(status: number) {
    super(reasons[status] ?? 'The session cannot be read.')
    this.status = status
  }
}

async function readSession(api: Api): Promise<Session> {
  const { data, response } = await api.fetch.GET('/api/v1/session')
  if (data === undefined) throw new NoSession(response.status)
  return data
}

interface Target {
  readonly tenantId: string
  readonly body: {
    readonly tenantId?: string
    readonly orgUnitId?: string
    readonly grantId?: string
  }
}

function targetOf(place: Place, session: Session): Target | null {
  if (place.kind === 'grant') {
    const grant = session.grants.find(({ id }) => id === place.grantId)
    return grant === undefined ? null : { tenantId: grant.tenantId, body: { grantId: grant.id } }
  }
  if (place.kind !== 'member') return null
  const tenant = session.tenants.find(({ slug }) => slug === place.tenant)
  if (tenant === undefined) return null
  const { orgUnitId } = place
  const unit = orgUnitId === null ? {} : { orgUnitId }
  return { tenantId: tenant.id, body: { tenantId: tenant.id, ...unit } }
}

function firstPlaceOf({ tenants, grants, user }: Session): Place | null {
  const tenant = tenants.find(({ status }) => status === 'active')
  if (tenant !== undefined) return { kind: 'member', tenant: tenant.slug, orgUnitId: null }
  if (user.isPlatformStaff) return { kind: 'platform' }
  const grant = grants.find(({ isOpen }) => isOpen)
  return grant === undefined ? null : { kind: 'grant', grantId: grant.id }
}
