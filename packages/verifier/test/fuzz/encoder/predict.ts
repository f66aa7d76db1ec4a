import type { Command } from 'watertight/model'
import { makeEncoding } from '../../../src/prove/encode/encoding.js'
import type { Encoders, Encoding, Subject } from '../../../src/prove/encode/encoding.js'
import { encode } from '../../../src/prove/encode/expr.js'
import { matchRow } from '../../../src/prove/encode/match-row.js'
import { passes } from '../../../src/prove/encode/policies.js'
import type { PolicySide } from '../../../src/prove/encode/policies.js'
import { columnOf, keyFacts, makeRow } from '../../../src/prove/encode/row.js'
import type { Term } from '../../../src/prove/terms/term.js'
import type { Cells } from '../world.js'
import { canHold, ownersIn, sessionOf } from './decide.js'
import type { Decision, Session, Situation } from './decide.js'

/** What the encoder says of rows of one table, one role, command and side of the policies. */
export interface Predictor {
  /** The encoder claims nothing. */
  readonly blocked: boolean
  /** The encoder leaves parts open and says so. */
  readonly gaps: boolean
  /** The encoding speaks of rows that it looks for. */
  readonly searches: boolean
  passes(cells: Cells, situation: Situation): Decision
}

export const trueEncoders: Encoders = { encode, matchRow }

/** Encodes the policies as the prover does. */
export function predictor(
  subject: Subject,
  table: string,
  role: string,
  command: Command,
  side: PolicySide,
  encoders: Encoders = trueEncoders,
): Predictor {
  const relation = subject.tables.get(table)?.relation
  if (relation === undefined) throw new Error(`${table} is not in the catalog`)
  const encoding: Encoding = makeEncoding(subject, encoders)
  const row = makeRow(encoding, relation, 'row', { stored: side === 'using' })
  for (const { name } of relation.columns) columnOf(encoding, row, name)
  const shown = passes(encoding, row, role, command, side)
  const terms: readonly Term[] = [shown, ...encoding.facts, ...keyFacts(encoding)]
  const owners = ownersIn(encoding, row)
  const sessions = new Map<object, Session>()
  return {
    blocked: encoding.blockers.size > 0,
    gaps: encoding.gaps.size > 0,
    searches: encoding.rows.length > 1,
    passes: (cells, situation) => {
      const session = sessions.get(situation.session) ?? sessionOf(encoding, terms, situation)
      sessions.set(situation.session, session)
      return canHold(session, owners, row, cells, situation)
    },
  }
}
