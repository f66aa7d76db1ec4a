import type { CheckResult } from '../../findings/index.js'
import { code, element, join, pairs, paragraph, table, text } from './elements.js'
import type { Cell, Markup, Section } from './elements.js'

/** Counts, and which parts of the verifier ran. */
export function summarySection(result: CheckResult): Section {
  const { summary, graph, stages } = result
  const rows: readonly (readonly [string, number, string])[] = [
    ['leaking cells', summary.leak, 'replayed on the server as the role, then rolled back'],
    ['proven cells', summary.proven, 'hold for every row and every context, as assumed below'],
    ['unknown cells', summary.unknown, 'neither proven nor refuted; each with its reason'],
    ['cells that do not apply', summary.notApplicable, 'the role cannot reach a tenant’s row'],
    ['errors', summary.errors, 'findings that leak or escalate'],
    ['warnings', summary.warnings, 'oracles and hazards'],
    ['hints', summary.infos, 'worth knowing'],
    ['accepted', summary.accepted, 'findings that the configuration accepts for a time'],
    ['in the baseline', summary.baselined, 'findings known before; they still hold'],
    ['sources of tenant data', graph.summary.sources, 'ways of a role to rows of tenants'],
    [
      'of them by declaration',
      graph.summary.declared,
      'answer across tenants, and no more than that',
    ],
    ['of them without a proven gate', graph.summary.listed, 'listed one by one below'],
  ]
  const skipped = stages.filter(({ state, reason }) => state !== 'ran' || reason !== '')
  const ran = stages.filter(({ state }) => state === 'ran').map(({ stage }) => stage)
  return {
    id: 'summary',
    title: 'Summary',
    body: join(
      paragraph(
        'A cell is one command of one role on one object. Proven means that no row of another tenant can be reached, whatever the data and the context; a probe that was refused proves nothing and is never counted as proof.',
      ),
      table(
        'Counts of this run',
        ['what', 'number', 'meaning'],
        rows.map(([name, number, meaning]): readonly Cell[] => [
          text(name),
          { class: 'number', content: text(String(number)) },
          text(meaning),
        ]),
      ),
      paragraph(`Ran: ${ran.join(', ')}.`),
      ...skipped.map(({ stage, state, reason }) =>
        element(
          'p',
          { class: 'unknown' },
          element('strong', {}, text(`${stage} ${state}: `)),
          text(reason),
        ),
      ),
    ),
  }
}

/** What was checked, skipped and impossible per class of object. */
export function classesSection({ classes }: CheckResult): Section {
  const number = (value: number): Cell => ({ class: 'number', content: text(String(value)) })
  const body = table(
    'Every object of the database is in one of the three counts',
    ['class', 'objects', 'checked', 'skipped', 'impossible', 'why not checked'],
    classes.map((each): readonly Cell[] => [
      text(each.class),
      number(each.total),
      number(each.checked),
      number(each.skipped),
      number(each.impossible),
      list(
        each.reasons.map(
          ({ state, reason, count, examples }) =>
            `${count} ${state}: ${reason} (${examples.join(', ')}${count > examples.length ? ', …' : ''})`,
        ),
      ),
    ]),
  )
  return { id: 'classes', title: 'What was looked at', body }
}

/** Where all of this comes from. */
export function provenanceSection(result: CheckResult): Section {
  const { tool, server, hashes, summary, startedAt } = result
  const moved = summary.sequencesMoved
  return {
    id: 'provenance',
    title: 'Provenance',
    body: join(
      pairs([
        ['Tool', text(`${tool.name} ${tool.version}`)],
        ['Server', text(`PostgreSQL ${server.version} (${server.versionNum})`)],
        ['Run', text(`${startedAt}, ${(summary.durationMs / 1000).toFixed(1)} s`)],
        ['SHA-256 of the catalog', code(hashes.catalog)],
        ['SHA-256 of the model', code(hashes.model)],
        ['Statements as a runtime role', text(`${summary.statements}, all rolled back`)],
        ['Sequences moved', text(moved.length === 0 ? 'none' : moved.join(', '))],
      ]),
      paragraph(
        'Two runs with equal hashes looked at equal databases under equal models. The catalog’s hash covers tables, columns, constraints, policies, privileges, roles, functions, triggers, rules, sequences and publications; it covers no rows.',
      ),
      paragraph(
        'Not covered by any proof: code that runs inside the application server, superusers and owners of the database, EXPLAIN estimates, statistics and the time that statements take, and whoever reads the server’s files, logs or backups.',
      ),
    ),
  }
}

/** Short lines as a list; a dash when there is none. */
export function list(lines: readonly string[]): Markup {
  if (lines.length === 0) return text('–')
  if (lines.length === 1) return text(lines[0] ?? '')
  return element(
    'ul',
    {},
    lines.map((line) => element('li', {}, text(line))),
  )
}
