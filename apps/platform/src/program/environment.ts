import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'
import { parseSigningKey } from 'watertight/runtime'
import type { SigningKey } from 'watertight/runtime'

/** What a process is told. */
export type Variables = Readonly<Record<string, string | undefined>>

/** The environment of a program, read with all its problems; no value gets into one. */
export interface Environment {
  readonly problem: (name: string, message: string) => void
  /** Empty counts as not set. */
  readonly optional: (name: string) => string | null
  /** Empty, with a problem, when it is not set. */
  readonly required: (name: string) => string
  readonly databaseUrl: (name: string) => string
  readonly flag: (name: string, usual: boolean) => boolean
  readonly whole: (name: string, usual: number, least: number, most: number) => number
  /** Of `WATERTIGHT_SIGNING_KEY`. */
  readonly signingKey: () => SigningKey | null
  /** What another reader makes of the variables; null when it refuses them. */
  readonly with: <Setup>(read: () => Setup) => Setup | null
  /** @throws INVALID_INPUT with every problem so far. */
  readonly refuseProblems: () => void
}

/** Begins to read an environment. */
export function readEnvironment(variables: Variables): Environment {
  const problems: Problem[] = []
  const problem = (path: string, message: string): void => {
    if (!problems.some((one) => one.path === path)) problems.push({ path, message })
  }
  const optional = (name: string): string | null => variables[name] || null
  const required = (name: string): string => {
    const value = optional(name)
    if (value === null) problem(name, 'is required')
    return value ?? ''
  }
  return {
    problem,
    optional,
    required,
    databaseUrl(name) {
      const url = required(name)
      const isUrl = /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)
      if (url !== '' && !isUrl) problem(name, 'is no URL of PostgreSQL')
      return url
    },
    flag(name, usual) {
      const value = optional(name) ?? String(usual)
      if (value !== 'true' && value !== 'false') problem(name, 'is true or false')
      return value === 'true'
    },
    whole(name, usual, least, most) {
      const value = Number(optional(name) ?? usual)
      if (Number.isInteger(value) && value >= least && value <= most) return value
      problem(name, `must be a whole number from ${String(least)} to ${String(most)}`)
      return usual
    },
    signingKey() {
      const name = 'WATERTIGHT_SIGNING_KEY'
      try {
        const text = required(name)
        return text === '' ? null : parseSigningKey(text)
      } catch {
        problem(name, 'is no signing key: <kid>:<base64url of 32 bytes or more>')
        return null
      }
    },
    with(read) {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof WatertightError) || error.code !== 'INVALID_INPUT') throw error
        const { object = 'environment', message: text } = error
        if (error.problems.length === 0) problem(object, text.replace(`${object} `, ''))
        for (const { path, message } of error.problems) problem(path, message)
        return null
      }
    },
    refuseProblems() {
      if (problems.length === 0) return
      const summary = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
      throw new WatertightError('INVALID_INPUT', `the environment: ${summary}`, { problems })
    },
  }
}
