import type { WorldConnection, WorldMaker } from '@watertight/verifier'
import type { OpenSource } from './open-source.js'

/**
 * Copies of the source on its own server. The first copy ends the source's connection, because a
 * database that somebody is connected to cannot be copied: nothing may be asked of it afterwards.
 */
export async function scratchWorlds({ client, address }: OpenSource): Promise<WorldMaker> {
  const { templateWorlds } = await import('@watertight/verifier')
  const { Client } = (await import('pg')).default
  const { host, port, user, password, ssl } = client
  let isReleased = false
  return templateWorlds({
    source: address.database,
    async connect(database): Promise<WorldConnection> {
      if (!isReleased) await client.end()
      isReleased = true
      const world = new Client({
        host,
        port,
        database,
        ssl,
        application_name: 'watertight',
        ...(user !== undefined && { user }),
        ...(password !== undefined && password !== null && { password }),
      })
      // A connection that breaks while idle is reported by the next statement.
      world.on('error', () => undefined)
      await world.connect()
      return world
    },
  })
}
