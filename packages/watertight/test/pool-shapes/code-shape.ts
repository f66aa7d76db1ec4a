/** A piece of code as applications have it. */
export interface CodeShape {
  readonly name: string
  readonly code: string
  readonly options?: object
  readonly filename?: string
}

/** One that is reported: `messageId line` of each report. */
export interface ReportedShape extends CodeShape {
  readonly problems: readonly string[]
}

/** A shape from its code and the reports. */
export const shape = (name: string, code: string, ...problems: string[]): ReportedShape => ({
  name,
  code,
  problems,
})

/** A shape that nothing is reported of. */
export const silent = (name: string, code: string): CodeShape => ({ name, code })
