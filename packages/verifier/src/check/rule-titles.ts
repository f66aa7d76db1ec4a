import { attacks } from '../attack/registry.js'
import { rules } from '../lint/registry.js'

/** One sentence about every rule and attack, by its id. */
export const ruleTitles: ReadonlyMap<string, string> = new Map(
  [...rules, ...attacks].map(({ id, title }) => [id, title]),
)
