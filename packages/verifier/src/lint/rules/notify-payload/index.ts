import type { FunctionInfo } from 'watertight/catalog'
import { calledFunctions } from '../../../expr/mentions.js'
import { tokenize } from '../../../expr/tokens.js'
import type { Token } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { objectName } from '../../../graph/object-name.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** Every role of a database may LISTEN on every channel; there is no grant for it. */
export const notifyPayload: CatalogRule = {
  kind: 'catalog',
  id: 'notify-payload',
  title: 'A trigger sends what is in tenant rows to every session that listens.',
  check: (input) =>
    input.tables.tables.flatMap((table) =>
      input.tables.isProtected(table.name) ? findings(input, table) : [],
    ),
}

function findings(
  input: LintInput,
  { relation, name }: ClassifiedTable,
): ReturnType<typeof makeFinding>[] {
  return relation.triggers
    .filter(({ enabled, inherited }) => enabled !== 'disabled' && !inherited)
    .flatMap((trigger) => {
      const fn = input.catalog.functions.find(
        (entry) =>
          entry.returns === 'trigger' && objectName(entry) === objectName(trigger.function),
      )
      if (fn === undefined || !sendsRow(fn)) return []
      return [
        makeFinding({
          rule: 'notify-payload',
          severity: 'warning',
          object: name,
          detail: trigger.name,
          related: [objectName(fn)],
          message: `Trigger ${trigger.name} of ${name} sends values of the row with NOTIFY: every session of the database may listen, ${listed(input.roles.map(({ name: role }) => role))} included, whatever its tenant.`,
          evidence: { trigger: trigger.name, function: objectName(fn) },
          remedy:
            'Send a random id that means nothing by itself, and have the listener read the row under its own context.',
        }),
      ]
    })
}

/** The payload of `pg_notify(channel, payload)` is made of NEW or OLD. */
function sendsRow(fn: FunctionInfo): boolean {
  const tokens = tokenize(fn.body)
  if (!calledFunctions(tokens).includes('pg_notify')) return false
  return tokens.some((token, index) => {
    if (token.text !== 'pg_notify' || tokens[index + 1]?.text !== '(') return false
    const payload = afterComma(tokens.slice(index + 2))
    return payload.some((part, at) => isRow(part) && !isHidden(payload, at))
  })
}

function isRow({ kind, quoted, text }: Token): boolean {
  return kind === 'name' && !quoted && (text === 'new' || text === 'old')
}

/** A digest says nothing to who cannot guess the value. */
function isHidden(tokens: readonly Token[], at: number): boolean {
  return tokens.slice(0, at).some(({ text }) => /^(md5|sha\d+|digest|hmac)$/.test(text))
}

/** What follows the first comma that stands in no parentheses, up to the end of the call. */
function afterComma(tokens: readonly Token[]): readonly Token[] {
  let depth = 0
  let start = -1
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind === 'symbol' && text === '(') depth += 1
    if (kind === 'symbol' && text === ')') depth -= 1
    if (depth < 0) return start < 0 ? [] : tokens.slice(start, index)
    if (kind === 'symbol' && text === ',' && depth === 0 && start < 0) start = index + 1
  }
  return []
}
