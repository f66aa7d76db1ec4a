import { createRequire } from 'node:module'
import { createWithTenant } from 'watertight/next'
import { describeHttpAdapter } from '../../../../test/http-contract.js'
import { answerOf } from '../../../../test/http-exchange.js'

// Not imported: Next's global types would make NODE_ENV a must in every environment of the project.
const { NextRequest } = createRequire(import.meta.url)('next/server.js') as {
  readonly NextRequest: typeof Request
}

type Handler = (request: Request, route: object) => Promise<Response>

describeHttpAdapter('route handlers of Next', async (app, http) => {
  const withTenant = createWithTenant(http)
  const reading = (route: 'notes' | 'ambient' | 'fail'): Handler =>
    withTenant(async (_request: Request, { tenancy }) =>
      Response.json(await app.handle(route, tenancy)),
    )
  const handlers: Readonly<Record<string, Handler>> = {
    '/notes': reading('notes'),
    '/ambient': reading('ambient'),
    '/fail': reading('fail'),
    '/add': withTenant(async (request: Request, { tenancy }) =>
      Response.json(await app.handle('add', tenancy, await request.json())),
    ),
    '/public': withTenant(
      async (_request: Request, { tenancy }) => Response.json(await app.handle('public', tenancy)),
      { public: true },
    ),
    '/outside': async () => Response.json(await app.handle('outside', undefined)),
  }
  return {
    port: null,
    async send({ path, method = 'GET', headers = [], json }) {
      const all = new Headers()
      for (const [name, value] of headers) all.append(name, value)
      const body = json === undefined ? {} : { body: JSON.stringify(json) }
      const request = new NextRequest(`http://localhost${path}`, { method, headers: all, ...body })
      const handler = handlers[path]
      if (handler === undefined) throw new Error(`no handler for ${path}`)
      return answerOf(await handler(request, { params: Promise.resolve({}) }))
    },
    close: async () => undefined,
  }
})
