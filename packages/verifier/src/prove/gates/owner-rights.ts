import type { Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { Occurrence } from '../../expr/index.js'
import { isSecurityInvoker } from '../../graph/exposed-tables.js'
import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import type { Subject } from '../encode/encoding.js'
import type { Frame, Source } from '../encode/frame.js'

/** Who may run a command on a view that works with the rights of its owner. */
export interface OwnerViewCell {
  readonly view: Relation
  readonly role: string
  readonly command: Command
}

/** The cells of such views, for the roles of members and workers. */
export function ownerViewCells(
  { catalog, access }: Subject,
  roles: readonly RuntimeRoleName[],
  commands: readonly Command[],
): readonly OwnerViewCell[] {
  const views = catalog.relations.filter((view) => view.kind === 'view' && !isSecurityInvoker(view))
  const callers = roles.filter(({ kind }) => kind === 'app' || kind === 'worker')
  return views.flatMap((view) =>
    callers.flatMap(({ name: role }) =>
      commands
        .filter((command) => access.can(role, command, view))
        .map((command) => ({ view, role, command })),
    ),
  )
}

/** The query of such a view as it runs: its tables as the owner's, its functions as the caller's. */
export function ownerFrame(
  view: Relation,
  caller: string,
  occurrences: readonly Occurrence[],
  sources: ReadonlyMap<number, Source> = new Map(),
): Frame {
  return {
    sources: new Map(sources),
    occurrences,
    role: view.owner,
    caller,
    arguments: new Map(),
    numbered: [],
    immutable: false,
    calls: [],
    path: { kind: 'printed' },
  }
}
