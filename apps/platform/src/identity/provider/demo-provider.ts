import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { JSONWebKeySet } from 'jose'
import { Provider } from 'oidc-provider'
import type { DemoProviderOptions } from './provider-configuration.js'
import { providerConfiguration } from './provider-configuration.js'
import { freshSigningKey, publicPartOf } from './provider-keys.js'
import { signInInteraction } from './sign-in-interaction.js'

/** An OpenID provider in this process, for the demo and for tests. */
export interface DemoProvider {
  readonly issuer: string
  /** The public keys of its tokens. */
  readonly keys: JSONWebKeySet
  /** Serves everything below the path of the issuer. */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    /** Whom it comes from, where that is not the other end of the connection. */
    clientAddress?: string,
  ) => void
}

/**
 * Makes a certified OpenID provider with fresh keys. Accounts, sessions and tokens live in memory.
 *
 * @example
 * const provider = await createDemoProvider({ issuer: 'http://127.0.0.1:8080/oidc', … })
 * await mountDemoProvider(app, provider)
 */
export async function createDemoProvider(options: DemoProviderOptions): Promise<DemoProvider> {
  const { issuer, accounts } = options
  const { host, pathname, protocol } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const signingKey = await freshSigningKey()
  const provider = new Provider(issuer, providerConfiguration(options, signingKey))
  provider.proxy = true
  provider.use(signInInteraction(provider, accounts, options.signInBounds, options.now))
  const serve = provider.callback()
  return {
    issuer,
    keys: { keys: [publicPartOf(signingKey)] },
    handle(request, response, clientAddress) {
      const { url = '' } = request
      if (!url.startsWith(`${path}/`)) {
        response.writeHead(404).end()
        return
      }
      // SECURITY: addresses in answers are those of the issuer, whatever the caller says of the host.
      request.headers.host = host
      delete request.headers['x-forwarded-host']
      request.headers['x-forwarded-proto'] = protocol.slice(0, -1)
      void serve(
        Object.assign(request, {
          originalUrl: url,
          url: url.slice(path.length),
          clientAddress: typeof clientAddress === 'string' ? clientAddress : undefined,
        }),
        response,
      )
    },
  }
}

/** Serves the provider below the path of its issuer, apart from the API's bodies and contexts. */
export async function mountDemoProvider(
  app: FastifyInstance,
  { issuer, handle }: DemoProvider,
): Promise<void> {
  await app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers()
      // The provider reads bodies itself.
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
      scope.route({
        method: ['GET', 'POST', 'OPTIONS'],
        url: '/*',
        config: { tenancy: 'public' },
        handler: (request, reply) => {
          reply.hijack()
          handle(request.raw, reply.raw, request.ip)
        },
      })
    },
    { prefix: new URL(issuer).pathname },
  )
}
