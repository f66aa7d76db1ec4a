/** A major version of PostgreSQL that the tests run against. */
export type ServerMajor = 15 | 16 | 17 | 18

/** All of them, oldest first. */
export const supportedMajors: readonly ServerMajor[] = [15, 16, 17, 18]

/** Narrows a number to a supported major version. */
export function isServerMajor(value: number): value is ServerMajor {
  return supportedMajors.some((major) => major === value)
}
