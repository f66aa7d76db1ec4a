/** Values of a form that changes an object: fields that were emptied are sent as `cleared`. */
export function withCleared(
  values: Readonly<Record<string, unknown>>,
  names: readonly string[],
  cleared: '' | null,
): Readonly<Record<string, unknown>> {
  return { ...Object.fromEntries(names.map((name) => [name, cleared])), ...values }
}
