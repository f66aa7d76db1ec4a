import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { fileHeaders, pagePaths, preparePage } from '@watertight/console/serve'
import type { FastifyInstance } from 'fastify'

/** What the console is told of its surroundings. */
export interface ConsoleOptions {
  /** The bundled console: `index.html` and `assets`. */
  readonly folder: string
  /** Where people sign in, to the letter of its `iss`. */
  readonly issuer: string
  readonly clientId: string
}

/** Hands out the console: its pages under a strict policy, and its files. */
export async function serveConsole(
  app: FastifyInstance,
  { folder, issuer, clientId }: ConsoleOptions,
): Promise<void> {
  const template = await readFile(join(folder, 'index.html'), 'utf8')
  const page = preparePage(template, { issuer, clientId })
  await app.register(async (scope) => {
    scope.addHook('onSend', async (_request, reply) => {
      reply.headers({ ...fileHeaders })
    })
    await scope.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      index: false,
      // The bundle has compressed forms beside its scripts and style sheets.
      preCompressed: true,
      // Their names carry a digest of what is in them.
      immutable: true,
      maxAge: '365d',
    })
    scope.get('/favicon.svg', async (_request, reply) =>
      reply.sendFile('favicon.svg', folder, { maxAge: '1d' }),
    )
    for (const url of pagePaths) {
      scope.get(url, async (_request, reply) => {
        const { html, headers } = page()
        return reply.headers(headers).send(html)
      })
    }
  })
}
