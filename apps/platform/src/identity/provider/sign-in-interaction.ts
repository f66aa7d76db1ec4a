import type { IncomingMessage } from 'node:http'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { SignInBounds } from './attempt-limit.js'
import { attemptLimit } from './attempt-limit.js'
import type { DemoAccounts } from './demo-account.js'
import { originsOf, show } from './provider-configuration.js'
import { loginPage, messagePage } from './provider-pages.js'

type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>

const interactionPath = /^\/interaction\/[\w-]{1,64}$/
const maxFormBytes = 4096

const quarter = 15 * 60_000
const usualBounds: SignInBounds = {
  account: { failures: 10, window: quarter },
  address: { failures: 50, window: quarter },
}

/** The login page of the demo, before everything else that the provider serves. */
export function signInInteraction(
  provider: Provider,
  accounts: DemoAccounts,
  bounds: SignInBounds = usualBounds,
  now: () => number = Date.now,
): Middleware {
  const byAccount = attemptLimit(bounds.account, now)
  const byAddress = attemptLimit(bounds.address, now)
  return async (ctx, next) => {
    if (!interactionPath.test(ctx.path)) return next()
    const details = await provider.interactionDetails(ctx.req, ctx.res)
    const targets = originsOf([String(details.params['redirect_uri'])])
    if (ctx.method !== 'POST') return show(ctx, loginPage(accounts.all, null, targets))
    const form = await readForm(ctx.req)
    if (form === null) {
      ctx.status = 413
      return
    }
    const email = form.get('email') ?? ''
    const isCancelled = form.has('cancel')
    // SECURITY: addresses that nobody has count as well, or the refusal would tell who has one.
    const key = email.trim().toLowerCase().slice(0, 254)
    const address = addressOf(ctx.req)
    const wait = Math.max(byAccount.waitOf(key) ?? 0, byAddress.waitOf(address) ?? 0)
    if (wait > 0 && !isCancelled) {
      ctx.status = 429
      ctx.set('retry-after', String(wait))
      const minutes = String(Math.ceil(wait / 60))
      return show(ctx, messagePage('Too many attempts', `Try again in ${minutes} minutes.`))
    }
    const account = accounts.signIn(email, form.get('password') ?? '')
    if (account !== undefined) byAccount.clear(key)
    if (account === undefined && !isCancelled) {
      byAccount.fail(key)
      byAddress.fail(address)
      ctx.status = 403
      return show(ctx, loginPage(accounts.all, { email }, targets))
    }
    const result =
      account === undefined || isCancelled
        ? { error: 'access_denied', error_description: 'the sign-in was cancelled' }
        : { login: { accountId: account.subject } }
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result))
    ctx.status = 303
  }
}

/**
 * Whom a request comes from, as the server that passed it on has found out.
 *
 * SECURITY: never by a header, which the caller could make up for each attempt.
 */
function addressOf(request: IncomingMessage & { readonly clientAddress?: unknown }): string {
  const { clientAddress, socket } = request
  return typeof clientAddress === 'string' ? clientAddress : (socket.remoteAddress ?? '')
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxFormBytes) return null
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString())
}
