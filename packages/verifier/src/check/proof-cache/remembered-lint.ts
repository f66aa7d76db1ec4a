import type { Finding } from '../../findings/index.js'
import { runLint } from '../../lint/run-lint.js'
import type { LintInput } from '../../lint/rule.js'
import type { ProofCache } from './proof-cache.js'
import { resultsKey } from './proof-key.js'
import { checksum, readEntry, writeEntry } from './sealed-entry.js'

/** What the rules find; the same catalog, model, versions and day give the findings of a former run. */
export async function rememberedLint(
  input: LintInput,
  cache: ProofCache | undefined,
): Promise<readonly Finding[]> {
  if (cache === undefined) return runLint(input)
  const key = checksum('lint', resultsKey(input), input.today)
  const former = await readEntry(cache, key)
  if (Array.isArray(former) && former.every(isFinding)) return former
  const findings = await runLint(input)
  await writeEntry(cache, key, findings)
  return findings
}

const severities: ReadonlySet<unknown> = new Set(['error', 'warning', 'info'])

function isFinding(value: unknown): value is Finding {
  if (typeof value !== 'object' || value === null) return false
  const field = (name: string): unknown => Reflect.get(value, name)
  const evidence: unknown = field('evidence')
  return (
    ['rule', 'object', 'message', 'docs', 'key'].every((name) => typeof field(name) === 'string') &&
    severities.has(field('severity')) &&
    typeof evidence === 'object' &&
    evidence !== null &&
    Array.isArray(Reflect.get(evidence, 'objects'))
  )
}
