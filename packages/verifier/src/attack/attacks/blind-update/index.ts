import { ident, sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { blindWrite, keyNote } from '../../blind-write.js'
import { assignments, neutralColumns, ownKey, ownValue } from '../../update-columns.js'

/** Updates without WHERE: a plain column, then the key, which takes foreign rows over. */
export const blindUpdate: Attack = {
  id: 'blind-update',
  title: 'Updates every row it can, without WHERE, and tries to take rows over.',
  command: 'UPDATE',
  context: 'own',
  run: async (probe) => {
    const plain = await setPlainColumn(probe)
    if (plain.kind === 'leak') return plain
    const taken = await takeOver(probe)
    if (taken.kind === 'leak') return taken
    return plain.kind === 'held' || taken.kind === 'held' ? held : plain
  },
}

async function setPlainColumn(probe: Probe): Promise<Outcome> {
  let last: Outcome = inconclusive('the role may update no plain column')
  for (const column of neutralColumns(probe).slice(0, 3)) {
    const neutral = await ownValue(probe, column)
    if (neutral === null) continue
    const statement = sql`update ${probe.target.name} set ${ident(column.name)} = $1`
    const result = await blindWrite(probe, probe.context, statement, [neutral.value])
    last = judge(result, statement, 'rows of another tenant were updated')
    if (last.kind !== 'inconclusive') return last
  }
  return last
}

async function takeOver(probe: Probe): Promise<Outcome> {
  const key = await ownKey(probe)
  if (key === null) return inconclusive('the role may not update the key')
  const statement = sql`update ${probe.target.name} set ${assignments(key.columns)}`
  const result = await blindWrite(probe, probe.context, statement, key.values)
  return judge(result, statement, 'rows of another tenant were taken over')
}

function judge(
  result: Awaited<ReturnType<typeof blindWrite>>,
  statement: ReturnType<typeof sql>,
  what: string,
): Outcome {
  if (result.foreign > 0) return { kind: 'leak', statement, what: what + keyNote(result) }
  if (!result.step.ok) {
    return inconclusive(`updating its own rows without WHERE fails with ${result.step.sqlState}`)
  }
  return result.own > 0 ? held : inconclusive('the role does not reach its own rows')
}
