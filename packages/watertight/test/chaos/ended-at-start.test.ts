import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pgDriver } from 'watertight/pg'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** What a server that shuts down says to a session. */
function farewell(): Buffer {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection', 'RProcessInterrupts', '']
  const body = Buffer.from(fields.map((field) => `${field}\0`).join(''))
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** Passes everything on, and ends each of the first sessions in the packet that makes it ready. */
async function startRelay(url: string, sessions: number) {
  const target = new URL(url)
  let left = sessions
  const relay = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    for (const socket of [client, server]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        server.destroy()
      })
    }
    client.pipe(server)
    server.on('data', (chunk: Buffer) => {
      const isReady = chunk.at(-6) === 'Z'.charCodeAt(0)
      if (!isReady || left === 0) return client.write(chunk)
      left -= 1
      return client.end(Buffer.concat([chunk, farewell()]))
    })
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const relayed = new URL(url)
  relayed.port = String((relay.address() as AddressInfo).port)
  return { url: relayed.href, close: () => relay.close() }
}

it('reports a session that the server ends as it starts, and goes on', async () => {
  const relay = await startRelay(database.url, 1)
  const pool = new pg.Pool({ connectionString: relay.url, max: 1 })
  const driver = pgDriver(pool)
  try {
    const first = await driver.acquire()
    const statements = [{ text: 'select 1 as one', values: [] }]
    expect(await first.flight(statements)).toMatchObject({ kind: 'lost', sent: false })
    first.release(true)
    const second = await driver.acquire()
    expect(await second.flight(statements)).toMatchObject({ results: [{ rows: [{ one: 1 }] }] })
    second.release(false)
  } finally {
    await pool.end()
    relay.close()
  }
})
