import type { Encoders } from '../../src/prove/encode/encoding.js'
import type { PolicySide } from '../../src/prove/encode/policies.js'
import { predictor } from './encoder/predict.js'
import type { Predictor } from './encoder/predict.js'
import type { Decision, Situation } from './encoder/decide.js'
import { print } from './expression.js'
import type { Trial } from './plan-attempts.js'
import { isRows, settingsIn } from './server/attempt.js'
import type { Disagreement, Tally } from './tally.js'
import { commandOf, reachedRows } from './scene.js'
import type { Observed, Scene } from './scene.js'
import type { Cells, FuzzTable, World } from './world.js'

/** What the server did with one row, and what the encoder says of it. */
interface Claim {
  readonly row: Cells
  readonly happened: boolean
  readonly says: Decision
  readonly isExact: boolean
}

/** Holds the encoder to what the server did with each row. */
export function compareWithEncoder(
  scene: Scene,
  observed: readonly Observed[],
  tally: Tally,
  encoders?: Encoders,
): readonly Disagreement[] {
  const { world, place, stored, subject } = scene
  const labels = new Map(
    subject.catalog.enums.map(({ schema, name, labels: all }) => [`${schema}.${name}`, all]),
  )
  const known = new Map<string, Predictor>()
  const plain = isMonotone(world)
  const found: Disagreement[] = []
  for (const entry of observed) {
    const { trial, outcome } = entry
    const { table, role, form } = trial
    if (!table.secured) continue
    const command = commandOf[form]
    const on = (side: PolicySide, of = command): Predictor => {
      const key = `${table.name} ${role} ${of} ${side}`
      const made =
        known.get(key) ??
        predictor(subject, `${place.schema}.${table.name}`, role, of, side, encoders)
      known.set(key, made)
      return made
    }
    const all = stored.get(table.name) ?? []
    const situation: Situation = {
      session: trial.settings,
      settings: lowered(settingsIn(place, trial.settings)),
      sessionUser: subject.catalog.server.currentUser,
      stored: trial.only === null ? stored : new Map([...stored, [table.name, [trial.only]]]),
      labels,
    }
    const ask = (side: PolicySide, row: Cells, of = command): Asked => {
      const predicted = on(side, of)
      return { ...predicted, says: predicted.passes(row, situation) }
    }
    if (outcome.error !== undefined && !isRefusal(outcome.message)) {
      tally.failed += 1
      continue
    }
    const asked = claimsOf(entry, all, ask, (predicted) => isExact(predicted, plain, table))
    if (asked === 'blocked') {
      tally.blocked += 1
      continue
    }
    for (const { row, happened, says, isExact: exact } of asked) {
      tally.compared += 1
      if (happened) tally.shown += 1
      if (says === 'yes' || says === 'no' || exact) tally.exact += 1
      const what =
        happened && says === 'no'
          ? 'shown, but excluded'
          : !happened && (says === 'yes' || (says === 'may' && exact))
            ? 'hidden, but admitted'
            : null
      if (what === null) continue
      found.push({
        what,
        world: world.seed,
        table: table.name,
        role,
        form,
        settings: trial.settings,
        row,
      })
    }
  }
  return found
}

type Asked = Predictor & { readonly says: Decision }

function claimsOf(
  { trial, outcome }: Observed,
  all: readonly Cells[],
  ask: (side: PolicySide, row: Cells, of?: 'SELECT' | 'INSERT' | 'UPDATE') => Asked,
  exact: (asked: Asked) => boolean,
): readonly Claim[] | 'blocked' {
  const { form, written, only } = trial
  const refused = outcome.error !== undefined
  const present = only === null ? all : [only]
  const stored = (row: Cells): Asked => ask('check', row)
  switch (form) {
    case 'select':
    case 'delete': {
      if (refused) return []
      const reached = new Set(reachedRows({ trial, outcome }, all))
      const asked = present.map((row) => ({ row, asked: ask('using', row) }))
      if (asked.some(({ asked: { blocked } }) => blocked)) return 'blocked'
      return asked.map((each) => ({
        row: each.row,
        happened: reached.has(each.row),
        says: each.asked.says,
        isExact: exact(each.asked),
      }))
    }
    case 'insert': {
      const asked = stored({ ...written, mark: null })
      if (asked.blocked) return 'blocked'
      return [{ row: written ?? {}, happened: !refused, says: asked.says, isExact: exact(asked) }]
    }
    case 'update':
    case 'hop': {
      const claims: Claim[] = []
      const reached = new Set(reachedRows({ trial, outcome }, all))
      for (const row of present) {
        const next =
          form === 'hop' ? { ...written, id: row['id'] ?? null, mark: '9' } : { ...row, mark: '9' }
        const [before, after] = [ask('using', row), stored(next)]
        if (before.blocked || after.blocked) return 'blocked'
        const happened = reached.has(row)
        if (refused) {
          // Reached, and what it would become is refused: the only row must be the reason.
          claims.push({ row, happened: true, says: before.says, isExact: false })
          claims.push({ row: next, happened: false, says: after.says, isExact: exact(after) })
        } else {
          claims.push({ row, happened, says: before.says, isExact: exact(before) })
          if (happened) claims.push({ row: next, happened, says: after.says, isExact: false })
        }
      }
      return claims
    }
    case 'upsert': {
      if (refused || only === null || !isRows(outcome.seen) || outcome.seen.length === 0) return []
      const next = { ...written, mark: '9' }
      const asked = [
        { row: only, asked: ask('using', only) },
        { row: next, asked: stored(next) },
        { row: only, asked: ask('using', only, 'SELECT') },
        {
          row: { ...written, mark: null },
          asked: ask('check', { ...written, mark: null }, 'INSERT'),
        },
      ]
      if (asked.some((each) => each.asked.blocked)) return 'blocked'
      return asked.map((each) => ({
        row: each.row,
        happened: true,
        says: each.asked.says,
        isExact: false,
      }))
    }
  }
}

function isRefusal(message: string): boolean {
  return message.startsWith('new row violates row-level security policy')
}

/** What may be is, where conditions only look for rows. */
function isExact(
  { gaps, searches }: Asked | Predictor,
  plain: ReadonlySet<string>,
  table: FuzzTable,
): boolean {
  return !gaps && searches && plain.has(table.name)
}

const turning =
  /\bnot\b|<>|!=|case|coalesce|nullif|\bis\b|(left|right|full) join|except|having|group by|\bif\b|:=|\(select (?!1 from)|\bf\d\(|limit|current_tenant|is_own|my_tenants|count/

/** Tables whose conditions never turn what is found into what is not. */
function isMonotone({ tables }: World): ReadonlySet<string> {
  const turns = ({ policies }: FuzzTable): boolean =>
    policies.some(({ using, check }) =>
      [using, check].some((part) => part !== null && turning.test(print(part))),
    )
  const shared = tables.filter(({ name }) => !name.startsWith('t')).some(turns)
  return new Set(shared ? [] : tables.filter((table) => !turns(table)).map(({ name }) => name))
}

function lowered(settings: Trial['settings']): Trial['settings'] {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
