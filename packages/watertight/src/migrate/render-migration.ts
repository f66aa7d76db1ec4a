import type { Hazard, Plan } from '../plan/index.js'

/** The texts of the three files that `watertight plan --out` writes. */
export interface MigrationFiles {
  readonly up: string
  readonly down: string
  /** JSON for `watertight apply --plan`. */
  readonly plan: string
}

/** Renders a plan as migration files for people and for other migration tools. */
export function renderMigration(plan: Plan): MigrationFiles {
  const header = [
    `-- watertight ${plan.format}, made from catalog ${plan.from.catalogHash}`,
    `-- of database ${plan.from.database.replaceAll(/[\r\n]/g, ' ')} (server ${plan.from.serverVersionNum})`,
    '-- Run it in one transaction (psql -1).',
  ].join('\n')
  const up = plan.steps.map(({ summary, hazards, up: statements }) =>
    block(summary, hazards, statements),
  )
  const down = plan.steps
    .toReversed()
    .map(({ summary, downHazards, down: statements }) =>
      block(`undo: ${summary}`, downHazards, statements),
    )
  return {
    up: [header, ...up].join('\n\n') + '\n',
    down: [header, ...down].join('\n\n') + '\n',
    plan: JSON.stringify(plan, null, 2) + '\n',
  }
}

function block(summary: string, hazards: readonly Hazard[], statements: readonly string[]): string {
  const notes = hazards.map(({ kind, object, detail }) => `${kind} ${object}: ${detail}`)
  const comments = [summary, ...notes].map((line) => `-- ${line.replaceAll(/[\r\n]/g, ' ')}`)
  return [...comments, ...statements.map((statement) => `${statement};`)].join('\n')
}
