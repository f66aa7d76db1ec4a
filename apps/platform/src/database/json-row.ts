/** A row whose times are ISO 8601 texts. */
export type JsonRow<Row> = {
  readonly [Key in keyof Row]: Row[Key] extends Date
    ? string
    : Row[Key] extends Date | null
      ? string | null
      : Row[Key]
}

/** The row with every time as ISO 8601 in UTC, as replies show it. */
export function jsonRow<Row extends object>(row: Row): JsonRow<Row> {
  const entries = Object.entries(row).map(([key, value]: [string, unknown]) => [
    key,
    value instanceof Date ? value.toISOString() : value,
  ])
  return Object.fromEntries(entries) as JsonRow<Row>
}
