import type { ContextSettings } from '../session.js'

/** The same context under another tenant key, whether it stands alone or inside of claims. */
export function withKey(context: ContextSettings, before: string, after: string): ContextSettings {
  return context.map(([name, value]) => [
    name,
    value === before ? after : value.replaceAll(JSON.stringify(before), JSON.stringify(after)),
  ])
}
