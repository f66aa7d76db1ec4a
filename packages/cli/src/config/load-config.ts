import { readFile } from 'node:fs/promises'
import { WatertightError, errorCodes } from 'watertight/errors'
import type { ErrorCode, Problem } from 'watertight/errors'
import type { TenancyModel } from 'watertight/model'
import type { CommandEnvironment } from '../command-environment.js'
import { configNames, findConfig } from './find-config.js'

/** A tenancy declaration and the file it came from. */
export interface LoadedConfig {
  readonly path: string
  readonly model: TenancyModel
}

/**
 * Loads the configuration file.
 *
 * @throws INVALID_INPUT when there is none or it does not load, INVALID_MODEL when its default export
 * is no tenancy declaration; both name the file.
 */
export async function loadConfig(
  input: { readonly config?: string | undefined },
  env: CommandEnvironment,
): Promise<LoadedConfig> {
  const loaded = await loadConfigIfAny(input, env)
  if (loaded !== null) return loaded
  throw new WatertightError(
    'INVALID_INPUT',
    `there is no ${configNames[0]} in ${env.cwd} or above`,
    {
      object: configNames[0],
      hint: 'Run `watertight init` to infer one from a database or a folder of migrations.',
    },
  )
}

/** {@link loadConfig}, or null when no file is named and none is found. */
export async function loadConfigIfAny(
  input: { readonly config?: string | undefined },
  env: CommandEnvironment,
): Promise<LoadedConfig | null> {
  const path = await findConfig(env.cwd, input.config)
  if (path === null) return null
  try {
    const { importConfig } = await import('./import-config.js')
    const declared = path.endsWith('.json')
      ? (JSON.parse(await readFile(path, 'utf8')) as unknown)
      : await importConfig(path)
    return { path, model: await toModel(declared) }
  } catch (error) {
    throw configError(path, error)
  }
}

/** The default export is a declaration, or what `defineTenancy` made of one. */
async function toModel(declared: unknown): Promise<TenancyModel> {
  const { parseModel, toInput } = await import('watertight/model')
  return parseModel(isModel(declared) ? toInput(declared) : declared)
}

function isModel(value: unknown): value is TenancyModel {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.isFrozen(value) &&
    'tables' in value &&
    Array.isArray(value.tables)
  )
}

function configError(path: string, error: unknown): WatertightError {
  const fault = error instanceof Error ? error : new Error(String(error))
  const problems = 'problems' in fault && Array.isArray(fault.problems) ? fault.problems : []
  const isOurs = 'code' in fault && isErrorCode(fault.code)
  const code: ErrorCode =
    isOurs && fault.code === 'INVALID_MODEL' ? 'INVALID_MODEL' : 'INVALID_INPUT'
  return new WatertightError(
    code,
    isOurs ? `${path}: ${fault.message}` : `${path} does not load: ${fault.message}`,
    {
      object: path,
      problems: problems as readonly Problem[],
      hint: 'Mend the file; its default export is the declaration, see defineTenancy.',
      cause: error,
    },
  )
}

// A declaration may throw the error class of another copy of watertight: `instanceof` would miss it.
function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code)
}
