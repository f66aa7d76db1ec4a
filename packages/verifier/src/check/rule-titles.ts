import { objectAttacks } from '../attack/object-registry.js'
import { attacks } from '../attack/registry.js'
import { replayAttack } from '../attack/replay/replay-proofs.js'
import { worldRules } from '../attack/two-world/world-findings.js'
import { rules } from '../lint/registry.js'

/** Findings about the run itself, which no rule or attack makes. */
const aboutRun = [
  {
    id: 'privileged-role',
    title: 'A role that the model does not name works on the rows of every tenant.',
  },
  {
    id: 'sequence-moved',
    title: 'A sequence moved while the probes ran, which no rollback undoes.',
  },
] as const

/** One sentence about every rule and attack, by its id. */
export const ruleTitles: ReadonlyMap<string, string> = new Map(
  [...rules, ...attacks, ...objectAttacks, ...worldRules, replayAttack, ...aboutRun].map(
    ({ id, title }) => [id, title],
  ),
)
