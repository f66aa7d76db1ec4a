import { readFileSync } from 'node:fs'
import { defineTenancy } from 'watertight/model'
import { describe, expect, it } from 'vitest'
import { emptyCatalog } from '../../../../test/empty-catalog.js'
import type { Finding } from '../../../findings/index.js'
import { lintInput } from '../../lint-input.js'
import { serverVersion } from './index.js'
import { vulnerabilities } from './vulnerabilities.js'

const on = (major: number, minor: number): readonly Finding[] => {
  const server = {
    ...emptyCatalog.server,
    version: `${major}.${minor}`,
    versionNum: major * 10_000 + minor,
  }
  const model = defineTenancy({ schemas: ['public'] })
  return serverVersion.check(lintInput(model, { ...emptyCatalog, server }, new Date(0)))
}

describe('rule server-version', () => {
  it.each([
    [15, 2, 'warning', 'CVE-2023-2455', '15.19'],
    [15, 3, 'warning', 'CVE-2023-39418', '15.19'],
    [16, 2, 'warning', 'CVE-2024-4317', '16.15'],
    [17, 0, 'warning', 'CVE-2024-10976', '17.11'],
    [17, 5, 'warning', 'CVE-2025-8713', '17.11'],
    [18, 5, 'info', 'CVE-2026-14666', '18.6'],
  ])('finds on %i.%i, as %s, %s and names %s', (major, minor, severity, cve, target) => {
    const [finding] = on(major, minor)
    expect(finding).toMatchObject({ rule: 'server-version', severity, object: 'server', fix: null })
    expect(finding?.evidence['vulnerabilities']).toContain(cve)
    expect(finding?.remedy).toContain(`PostgreSQL ${target}`)
  })

  it.each([
    [15, 19],
    [16, 15],
    [17, 11],
    [18, 6],
    [19, 0],
  ])('says nothing of %i.%i', (major, minor) => {
    expect(on(major, minor)).toEqual([])
  })

  it('says of 2024-4317 that the new version alone is not enough', () => {
    expect(on(16, 2)[0]?.remedy).toContain('fix-CVE-2024-4317.sql')
    expect(on(16, 5)[0]?.remedy).not.toContain('fix-CVE-2024-4317.sql')
  })

  it('has the table of its page', () => {
    const page = readFileSync(new URL('README.md', import.meta.url), 'utf8')
    for (const { cve, corrected } of vulnerabilities) {
      const row = page.split('\n').find((line) => line.startsWith(`| ${cve} `))
      for (const [major, minor] of Object.entries(corrected)) {
        expect(row).toContain(` ${major}.${minor} `)
      }
    }
  })
})
