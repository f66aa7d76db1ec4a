import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { toolVersion } from './tool.js'

it('names the version of the package in every result', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  expect((JSON.parse(text) as { version: string }).version).toBe(toolVersion)
})
