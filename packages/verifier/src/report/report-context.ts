/** A place in a file; line and column count from 1. */
export interface SourcePlace {
  /** Path relative to the working directory, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What a report may know beside the result. */
export interface ReportContext {
  /** One sentence for every rule and attack by its id. */
  readonly titles?: ReadonlyMap<string, string>
  /** Where an object is made, when scripts were checked; else null. */
  readonly placeOf?: (object: string) => SourcePlace | null
  /** The file that stands for the whole where an object has no place: the configuration. */
  readonly mainFile?: string
}
