import { WatertightError } from 'watertight/errors'
import type { OptionalGroup } from 'watertight/model'
import { didYouMean } from '../flags/closest-word.js'

const groups: Readonly<Record<OptionalGroup, true>> = {
  'composite-foreign-keys': true,
  'tenant-unique-keys': true,
}

/**
 * The optional groups of the configuration and those asked for on the command line.
 *
 * @throws USAGE for a group that there is not.
 */
export function includedGroups(
  configured: readonly OptionalGroup[],
  asked: readonly string[],
): readonly OptionalGroup[] {
  const names = asked.flatMap((text) => text.split(',')).map((name) => name.trim())
  for (const name of names) {
    if (isGroup(name)) continue
    const known = Object.keys(groups)
    throw new WatertightError('USAGE', `--include ${name} is no group${didYouMean(name, known)}`, {
      object: name,
      hint: `The groups are ${known.join(' and ')}.`,
    })
  }
  return [...new Set([...configured, ...names.filter(isGroup)])]
}

function isGroup(name: string): name is OptionalGroup {
  return Object.hasOwn(groups, name)
}
