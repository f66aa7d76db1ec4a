import type { Column } from 'watertight/catalog'
import { ident, sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import { bothWays } from '../../both-ways.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import type { Target } from '../../target.js'

/** Reads the large objects that another tenant's rows point to. */
export const largeObject: ObjectAttack = {
  id: 'large-object',
  title: 'Reads large objects of another tenant by their number.',
  subjects: (input, targets) =>
    [...targets.values()].flatMap((target) => {
      const columns = target.table.relation.columns.filter(({ baseType }) =>
        /^(oid|(.*\.)?lo)$/.test(baseType),
      )
      if (columns.length === 0 || target.boundary !== 'tenant') return []
      return [
        {
          object: target.table.name,
          related: ['pg_largeobject'],
          command: 'SELECT',
          isFor: (role) => input.access.can(role, 'SELECT', target.table.relation),
          run: (probe) => bothWays(probe, (each) => attack(each, target, columns)),
        },
      ]
    }),
}

async function attack(
  probe: ObjectProbe,
  target: Target,
  columns: readonly Column[],
): Promise<Outcome> {
  let any = false
  for (const column of columns) {
    const numbers = await probe.session.admin(
      sql`select distinct r.${ident(column.name)}::oid::text as loid from ${target.name} r
        where ${target.key} = $1::${target.keyType} and exists (select from pg_catalog.pg_largeobject_metadata m where m.oid = r.${ident(column.name)}::oid) limit 20`,
      [probe.pair.foreign.tenant],
    )
    if (!numbers.ok) continue
    for (const { loid } of numbers.rows as { loid: string }[]) {
      any = true
      const statement = sql`select pg_catalog.lo_get($1::oid, 0, 1)`
      const read = await probe.session.attempt(() =>
        probe.session.as(probe.role, probe.context, statement, [loid]),
      )
      if (read.ok) {
        const what = `large objects that rows of another tenant point to by ${column.name} can be read`
        return { kind: 'leak', statement, what }
      }
    }
  }
  return any ? held : inconclusive('no row of the other tenant points to a large object')
}
