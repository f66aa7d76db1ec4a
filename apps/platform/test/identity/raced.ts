import pg from 'pg'

/**
 * Two people who look first and then change, both between the other's look and change, and no lock
 * between them: what the last statement counts after both have committed.
 */
export async function raced(
  url: string,
  look: (client: pg.Client, of: string) => Promise<void>,
  change: (client: pg.Client, of: string) => Promise<void>,
  pair: readonly [string, string],
): Promise<void> {
  const clients = pair.map(() => new pg.Client({ connectionString: url }))
  try {
    for (const client of clients) await client.connect()
    const runs = clients.map((client, index) => [client, pair[index] ?? ''] as const)
    for (const [client] of runs) await client.query('begin')
    for (const [client, of] of runs) await look(client, of)
    for (const [client, of] of runs) await change(client, of)
    for (const [client] of runs) await client.query('commit')
  } finally {
    for (const client of clients) await client.end()
  }
}
