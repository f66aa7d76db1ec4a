import type { IncomingMessage } from 'node:http'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { DemoAccounts } from './demo-account.js'
import { originsOf, show } from './provider-configuration.js'
import { loginPage } from './provider-pages.js'

type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>

const interactionPath = /^\/interaction\/[\w-]{1,64}$/
const maxFormBytes = 4096

/** The login page of the demo, before everything else that the provider serves. */
export function signInInteraction(provider: Provider, accounts: DemoAccounts): Middleware {
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
    const account = accounts.signIn(email, form.get('password') ?? '')
    const isCancelled = form.has('cancel')
    if (account === undefined && !isCancelled) {
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
