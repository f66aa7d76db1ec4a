/** Column values as text; null is NULL. */
export type Values = Readonly<Record<string, string | null>>
