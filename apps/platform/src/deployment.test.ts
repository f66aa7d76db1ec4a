import { readFile } from 'node:fs/promises'
import { format } from 'prettier'
import { describe, expect, it } from 'vitest'
import { readMigrateEnvironment } from './boot/read-migrate-environment.js'
import { readEraserSetup } from './eraser/read-eraser-setup.js'
import { readKeySetup } from './keys/read-key-setup.js'
import type { Variables } from './program/environment.js'
import { readServerEnvironment } from './serve/read-server-environment.js'
import { readWorkerSetup } from './workers/read-worker-setup.js'

const root = new URL('../../../', import.meta.url)
const textOf = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8')

/** What each service of compose.yaml runs, by how it reads its environment. */
const programs: Readonly<Record<string, readonly ((variables: Variables) => unknown)[]>> = {
  migrate: [(variables) => readMigrateEnvironment(variables, true)],
  platform: [readServerEnvironment],
  worker: [readWorkerSetup, readKeySetup],
  eraser: [readEraserSetup],
}

/** Read by programs and not for compose.yaml, with the reason. */
const notDeployed: Readonly<Record<string, string>> = {
  DEMO_PASSWORD: "is of the demo's OpenID provider",
  PLATFORM_DIAGNOSTICS_URL: 'is a login past row level security, which compose gives to nobody',
  PLATFORM_WEBHOOK_LOOPBACK_TARGETS: 'is for development',
}

/** Read before the readers: the webhook client and the switch of the demo look at it themselves. */
const ofAll = ['NODE_ENV']

/** With demo data alone, which no production has. */
const ofDemoData = [
  'PLATFORM_KEY_ENCRYPTION_KEY',
  'PLATFORM_AWS_KMS_REGION',
  'PLATFORM_AWS_KMS_ENDPOINT',
]

/** Names that a reader asks for, whatever it makes of the answers. */
function namesReadBy(read: (variables: Variables) => unknown): ReadonlySet<string> {
  const names = new Set<string>()
  const variables = new Proxy<Variables>(
    {},
    {
      get: (_target, name) => {
        names.add(String(name))
        return undefined
      },
    },
  )
  try {
    read(variables)
  } catch {
    // An empty environment lacks what is required; all of it has been asked for by then.
  }
  return names
}

const readBy = (service: string): string[] =>
  [...new Set([...ofAll, ...(programs[service] ?? []).flatMap((read) => [...namesReadBy(read)])])]
    .filter((name) => !(name in notDeployed))
    .filter((name) => service !== 'migrate' || !ofDemoData.includes(name))
    .toSorted()

/** Lines of a section of block-style YAML, by the path of keys above them, without its indentation. */
function section(text: string, ...path: readonly string[]): readonly string[] {
  return path.reduce<readonly string[]>((lines, key) => {
    const at = lines.findIndex((line) => line.replace(/:.*/, '') === key)
    const rest = at === -1 ? [] : lines.slice(at + 1)
    const end = rest.findIndex((line) => /^[^\s#]/.test(line))
    return (end === -1 ? rest : rest.slice(0, end))
      .filter((line) => line.startsWith('  '))
      .map((line) => line.slice(2))
  }, text.split('\n'))
}

const keysOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^([A-Za-z]\w*):/.exec(line)?.[1] ?? [])

describe('compose.yaml', () => {
  it('is YAML, laid out as everything here', async () => {
    const text = await textOf('deploy/compose.yaml')
    expect(await format(text, { parser: 'yaml', singleQuote: true, printWidth: 100 })).toBe(text)
  })

  it.each(Object.keys(programs))(
    'gives %s the variables that it reads, and no other',
    async (name) => {
      const text = await textOf('deploy/compose.yaml')
      const given = keysOf(section(text, 'services', name, 'environment'))
      expect(given.toSorted()).toEqual(readBy(name))
    },
  )

  it('takes every value from the example of the environment file, which has no usable secret', async () => {
    const text = await textOf('deploy/compose.yaml')
    const asked = [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)
    const example = await textOf('deploy/.env.example')
    const offered = [...example.matchAll(/^(\w+)=(.*)$/gm)]
    expect([...new Set(asked)].toSorted()).toEqual(offered.map(([, name]) => name).toSorted())
    const secrets = offered.filter(([, name = '']) => /PASSWORD|KEY$/.test(name))
    expect(secrets.length).toBeGreaterThan(8)
    expect(secrets.filter(([, , value]) => value !== '')).toEqual([])
  })

  it('publishes the port of the API alone, and hardens every service', async () => {
    const text = await textOf('deploy/compose.yaml')
    const services = keysOf(section(text, 'services'))
    expect(services).toEqual(['postgres', 'pgbouncer', 'migrate', 'platform', 'worker', 'eraser'])
    const withPorts = services.filter((name) =>
      keysOf(section(text, 'services', name)).includes('ports'),
    )
    expect(withPorts).toEqual(['platform'])
    for (const name of services) {
      expect(section(text, 'services', name)[0]).toMatch(/^<<: \*(hardened|platform)$/)
    }
    expect(section(text, 'x-hardened').join('\n')).toMatch(/read_only: true\ncap_drop: \[ALL\]/)
    expect(section(text, 'x-platform')[0]).toBe('<<: *hardened')
    expect(section(text, 'networks', 'database')).toContain('internal: true')
  })
})

describe('the pooler', () => {
  it('lets the five roles in, in transaction mode, and nobody else', async () => {
    const script = await textOf('deploy/pgbouncer/start.sh')
    const roles = [...script.matchAll(/entry (\w+) "\$(\w+)"/g)].map(([, role]) => role)
    expect(roles).toEqual(['app', 'worker', 'auditor', 'platform', 'public'])
    const settings = await textOf('deploy/pgbouncer/pgbouncer.ini')
    expect(settings).toMatch(/^auth_type = scram-sha-256$/m)
    expect(settings).toMatch(/^pool_mode = transaction$/m)
    expect(settings).not.toMatch(/admin_users|stats_users|auth_query|auth_user/)
  })
})

describe('the runbook', () => {
  it('has every variable of every program in its table, and no other', async () => {
    const text = await textOf('docs/runbook.md')
    const table = text.slice(
      text.indexOf('## Configuration'),
      text.indexOf('## ', text.indexOf('## Configuration') + 3),
    )
    const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
    const read = Object.values(programs).flatMap((readers) =>
      readers.flatMap((reader) => [...namesReadBy(reader)]),
    )
    expect(named.toSorted()).toEqual([...new Set([...ofAll, ...read])].toSorted())
  })

  it('names only operations of the API that there are', async () => {
    const text = await textOf('docs/runbook.md')
    const document = JSON.parse(await textOf('apps/platform/openapi.json')) as {
      paths: Record<string, Record<string, unknown>>
    }
    const called = [...text.matchAll(/\b(GET|POST|PUT|DELETE) (\/api\/v1\/[\w/{}-]+)/g)]
    expect(called.length).toBeGreaterThan(10)
    for (const [call, method = '', path = ''] of called) {
      expect([call, document.paths[path]?.[method.toLowerCase()] !== undefined]).toEqual([
        call,
        true,
      ])
    }
  })
})
