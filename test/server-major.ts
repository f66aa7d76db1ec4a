/** A major version of PostgreSQL that the tests run against. */
export type ServerMajor = 15 | 16 | 17 | 18

/** All of them, oldest first. */
const supportedMajors: readonly ServerMajor[] = [15, 16, 17, 18]

/** Narrows a number to a supported major version. */
export function isServerMajor(value: number): value is ServerMajor {
  return supportedMajors.some((major) => major === value)
}

/**
 * What one run covers: `WATERTIGHT_MAJORS=15,17`, else all of them in CI, and the oldest and the
 * newest on a machine where somebody waits.
 */
export function majorsOfRun(variables: NodeJS.ProcessEnv): readonly ServerMajor[] {
  const asked = variables['WATERTIGHT_MAJORS']
  if (asked !== undefined && asked !== '') {
    const wanted = asked.split(',').map(Number)
    const unknown = wanted.find((major) => !isServerMajor(major))
    if (unknown !== undefined)
      throw new Error(`WATERTIGHT_MAJORS names ${unknown}, no version here`)
    return supportedMajors.filter((major) => wanted.includes(major))
  }
  const isCi = variables['CI'] !== undefined && variables['CI'] !== ''
  return isCi ? supportedMajors : [15, 18]
}
