import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createTokenVerifier } from 'watertight/http'
import { afterEach, expect, it } from 'vitest'

const program = fileURLToPath(new URL('./local-issuer.mjs', import.meta.url))
let running: ChildProcess | null = null

afterEach(async () => {
  if (running === null) return
  running.kill()
  await once(running, 'exit')
  running = null
})

/** The variables that it prints, as a shell would have them. */
async function start(claims: object): Promise<Readonly<Record<string, string>>> {
  const child = spawn(process.execPath, [program, JSON.stringify(claims)], {
    env: { ...process.env, ISSUER_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running = child
  const variables: Record<string, string> = {}
  for await (const line of createInterface({ input: child.stdout })) {
    for (const [, name = '', value = ''] of line.matchAll(/(\w+)=(\S+)/g)) variables[name] = value
    if ('TOKEN' in variables) break
  }
  return variables
}

it('the local issuer prints what an application needs to accept its token, and the token', async () => {
  const printed = await start({ sub: 'ada', org_id: 'acme' })
  const verifier = createTokenVerifier({
    issuer: printed['OIDC_ISSUER'] ?? '',
    audience: printed['OIDC_AUDIENCE'] ?? '',
    jwks: printed['OIDC_JWKS'] ?? '',
  })
  const { claims } = await verifier.verify(printed['TOKEN'] ?? '')
  expect(claims).toMatchObject({ sub: 'ada', org_id: 'acme' })
})

it('a token of one local issuer is refused where another one is trusted', async () => {
  const { TOKEN } = await start({ sub: 'ada' })
  running?.kill()
  const other = await start({ sub: 'ada' })
  const verifier = createTokenVerifier({
    issuer: other['OIDC_ISSUER'] ?? '',
    audience: 'local',
    jwks: other['OIDC_JWKS'] ?? '',
  })
  await expect(verifier.verify(TOKEN ?? '')).rejects.toMatchObject({ code: 'INVALID_TOKEN' })
})

it('docs/http.md shows the program as it is', async () => {
  const page = await readFile(new URL('../../docs/http.md', import.meta.url), 'utf8')
  expect(page).toContain(await readFile(program, 'utf8'))
})
