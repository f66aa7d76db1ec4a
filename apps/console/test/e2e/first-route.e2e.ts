import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'
import { tell } from './tell.js'

const visitors = useBrowser()
const bundle = join(import.meta.dirname, '../../dist/web')

interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly imports?: readonly string[]
}

it('sends at most 180 kB of gzipped JavaScript for the first route', async () => {
  const manifest = JSON.parse(await readFile(join(bundle, 'manifest.json'), 'utf8')) as Readonly<
    Record<string, Chunk>
  >
  const wanted = new Set<string>()
  const want = (key: string): void => {
    if (wanted.has(key)) return
    wanted.add(key)
    for (const each of manifest[key]?.imports ?? []) want(each)
  }
  for (const [key, { isEntry }] of Object.entries(manifest)) if (isEntry === true) want(key)
  want('src/open-console.ts')
  want('src/pages/overview/overview-page.tsx')
  let bytes = 0
  for (const key of wanted) {
    const file = manifest[key]?.file
    if (file?.endsWith('.js')) bytes += gzipSync(await readFile(join(bundle, file))).length
  }
  tell(`first route: ${String(bytes)} bytes of gzipped JavaScript`)
  expect(manifest).toHaveProperty(['src/open-console.ts'])
  expect(bytes).toBeLessThanOrEqual(180_000)
})

it('tells how long the first view takes', async () => {
  const { page, open } = await visitors.as('ada')
  await open('/t/northgate-security/all/')
  const began = performance.now()
  await open('/t/northgate-security/all/')
  const view = performance.now() - began
  const painted = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  )
  tell(
    `first view: ${view.toFixed(0)} ms with the sign-in on the way, painted after ${painted.toFixed(0)} ms`,
  )
  expect(painted).toBeGreaterThan(0)
})
