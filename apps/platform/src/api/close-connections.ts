import type { FastifyInstance } from 'fastify'

/**
 * Ends each connection with the answer that is in hand when the server closes: kept alive, it would
 * hold the server open until the client lets go of it.
 */
export function closeConnectionsAtEnd(app: FastifyInstance): void {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
}
