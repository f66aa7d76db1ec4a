import { startEmbeddedPostgres } from '@watertight/cli/embedded-postgres'

// Starts a server with the options in the first argument, prints where it is, and never stops it.
const server = await startEmbeddedPostgres(JSON.parse(process.argv[2] ?? '{}'))
process.stdout.write(`${JSON.stringify(server)}\n`)
setInterval(() => undefined, 60_000)
