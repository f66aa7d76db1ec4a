import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openApiOf } from './openapi.js'
import { openApiFile, openApiText } from './openapi-file.js'
import { routes } from './routes.js'

describe('the checked-in OpenAPI document', () => {
  it('is what the routes say: run `npm run openapi -w apps/platform`', async () => {
    if (process.env['UPDATE_OPENAPI'] === '1') await writeFile(openApiFile, openApiText())
    const kept: unknown = JSON.parse(await readFile(openApiFile, 'utf8'))
    expect(kept).toEqual(JSON.parse(openApiText()))
  })

  it('drifts when a route is changed: the control', async () => {
    const kept: unknown = JSON.parse(await readFile(openApiFile, 'utf8'))
    const changed = routes.map((route, index) =>
      index === 0 ? { ...route, summary: 'changed' } : route,
    )
    expect(JSON.parse(JSON.stringify(openApiOf(changed)))).not.toEqual(kept)
  })
})

describe('a route', () => {
  it.each(routes.map((route) => [route.id, route] as const))(
    '%s names what it is audited as, where it changes something of a tenant',
    (_id, route) => {
      const isChange = route.method !== 'GET' && route.access.kind === 'tenant'
      expect(isChange && route.audit === undefined).toBe(false)
      expect(route.path.match(/\{(\w+)\}/g)?.length ?? 0).toBe(
        Object.keys(route.input.params?.shape ?? {}).length,
      )
    },
  )

  it.each(routes.map((route) => [route.id, route] as const))(
    '%s says so where its reply holds a secret, which a kept answer must not',
    (_id, route) => {
      const reply = JSON.stringify(
        z.toJSONSchema(route.reply.schema, { io: 'output', unrepresentable: 'any' }),
      )
      const holdsSecret = /"(secret|token|accessToken|password)":\{/.test(reply)
      expect(holdsSecret && route.revealsSecret !== true).toBe(false)
    },
  )
})
