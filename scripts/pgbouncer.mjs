import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  chownSync,
  constants,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'
import { readFlags } from './flags.mjs'

/**
 * A running PgBouncer in transaction mode.
 *
 * @typedef {object} PgBouncer
 * @property {number} port
 * @property {() => number} pid of the process; another one after a restart
 * @property {(url: string) => string} through the connection string, by way of the pooler
 * @property {() => void} reload reads the configuration again, as SIGHUP does
 * @property {() => Promise<void>} kill ends the process with SIGKILL
 * @property {() => Promise<void>} restart starts it again on the same port, after it has ended
 * @property {() => Promise<void>} stop ends it and removes its files
 */

/**
 * @typedef {object} PgBouncerOptions
 * @property {number} [port] a free one when absent
 * @property {number} [serverPoolSize] server connections for each pair of database and role
 * @property {number} [maxClients]
 */

/** Path of the program, or undefined where it is not installed. */
export function findPgBouncer() {
  // Debian puts it in a directory that not every user's path has.
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return directories
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, 'pgbouncer'))
    .find(isExecutable)
}

/**
 * Starts PgBouncer on 127.0.0.1 in front of the server of `urls`, for the roles that they name, and
 * waits until it takes connections. Any database of the server can be reached. Clients log in with
 * the passwords that the URLs hold; where none has one, the server trusts them and so does this.
 *
 * @param {readonly string[]} urls
 * @param {PgBouncerOptions} [options]
 * @returns {Promise<PgBouncer>}
 */
export async function startPgBouncer(urls, options = {}) {
  const program = findPgBouncer()
  if (program === undefined) throw new Error('pgbouncer is not installed: scripts/install-tools.sh')
  const [first] = urls
  if (first === undefined) throw new Error('PgBouncer needs the URL of a server.')
  const { hostname, port: serverPort } = new URL(first)
  const port = options.port ?? (await findFreePort())
  const user = serviceUser()
  const directory = mkdtempSync(join(tmpdir(), 'watertight-pgbouncer-'))
  const logins = urls.map((url) => {
    const { username, password } = new URL(url)
    return { role: decodeURIComponent(username), password: decodeURIComponent(password) }
  })
  const files = {
    users: join(directory, 'users.txt'),
    configuration: join(directory, 'pgbouncer.ini'),
  }
  writeFileSync(
    files.users,
    logins.map(({ role, password }) => `${quoted(role)} ${quoted(password)}\n`).join(''),
    { mode: 0o600 },
  )
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: logins.some(({ password }) => password !== '') ? 'scram-sha-256' : 'trust',
    auth_file: files.users,
    pool_mode: 'transaction',
    default_pool_size: options.serverPoolSize ?? 20,
    max_client_conn: options.maxClients ?? 1000,
    // Some clients ask for it at the start; the pooler cannot keep it apart for each of them.
    ignore_startup_parameters: 'extra_float_digits',
    server_login_retry: 1,
    log_connections: 0,
    log_disconnections: 0,
  }
  writeFileSync(
    files.configuration,
    [
      '[databases]',
      `* = host=${hostname} port=${serverPort === '' ? 5432 : serverPort}`,
      '[pgbouncer]',
      ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
      '',
    ].join('\n'),
  )
  if (user !== undefined) {
    for (const path of [directory, ...Object.values(files)]) chownSync(path, user.uid, user.gid)
  }

  const launch = () => startProcess(program, files.configuration, port, user)
  let child = await launch()
  const stop = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    port,
    pid: () => child.pid ?? 0,
    through: (url) => {
      const pooled = new URL(url)
      pooled.hostname = '127.0.0.1'
      pooled.port = String(port)
      return pooled.href
    },
    reload: () => void child.kill('SIGHUP'),
    kill: () => stop('SIGKILL'),
    restart: async () => {
      child = await launch()
    },
    stop: async () => {
      // SIGTERM ends it at once; SIGINT would wait for the clients.
      await stop('SIGTERM')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Starts the process and waits until its port answers. */
async function startProcess(program, configuration, port, user) {
  // The pooler ends with this process, however this process ends.
  const [command, ...args] =
    process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'TERM', program] : [program]
  const child = spawn(command, [...args, '--quiet', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...user,
  })
  let log = ''
  child.stderr.on('data', (chunk) => {
    log = `${log}${chunk}`.slice(-4000)
  })
  let failure
  child.once('error', (error) => {
    failure = error
  })
  for (const deadline = Date.now() + 10_000; ;) {
    if (failure !== undefined) throw new Error('pgbouncer cannot be run', { cause: failure })
    if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}: ${log}`)
    if (await answers(port)) return child
    if (Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`PgBouncer does not answer on port ${port}: ${log}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function findFreePort() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** PgBouncer does not run as root, so root hands it to the owner of no files: nobody. */
function serviceUser() {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined
}

/** A name or password in the file of users: in quotes, quotes doubled. */
function quoted(text) {
  return `"${text.replaceAll('"', '""')}"`
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

// node scripts/pgbouncer.mjs --url postgres://app@127.0.0.1:5432/app --server-pool-size 4
if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const { values } = readFlags({
    usage: 'node scripts/pgbouncer.mjs [flags]',
    about:
      'Runs PgBouncer in transaction mode in front of a server, and prints the URLs through it.',
    flags: {
      url: {
        type: 'string',
        value: 'URL',
        multiple: true,
        about: 'role and database (DATABASE_URL)',
      },
      port: { type: 'string', value: 'N', about: 'to listen on; a free one without it' },
      'server-pool-size': {
        type: 'string',
        value: 'N',
        default: '20',
        about: 'server connections',
      },
      'max-clients': { type: 'string', value: 'N', default: '1000', about: 'most clients' },
    },
  })
  const urls = values.url ?? [process.env['DATABASE_URL'] ?? '']
  const pooler = await startPgBouncer(urls, {
    serverPoolSize: Number(values['server-pool-size']),
    maxClients: Number(values['max-clients']),
    ...(values.port !== undefined && { port: Number(values.port) }),
  })
  for (const url of urls) console.log(pooler.through(url))
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void pooler.stop())
}
