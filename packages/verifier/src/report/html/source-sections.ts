import type { CheckResult, GraphEdge, SourceReach, TenantSource } from '../../findings/index.js'
import { gateText } from '../run-text.js'
import { code, element, folded, join, paragraph, table, text } from './elements.js'
import type { Cell, Section } from './elements.js'
import { list } from './run-sections.js'

/** Every way of a role to rows of tenants, those without a proven gate first, then declared ones. */
export function sourcesSection({ graph }: CheckResult): Section {
  const { sources } = graph.summary
  const body = join(
    paragraph(
      `${sources} sources of tenant data: ${gateText(graph.summary)} because nothing proves them.`,
    ),
    graph.sources.length === 0
      ? text('')
      : table(
          'Sources of tenant data',
          ['source', 'kind', 'role', 'by way of', 'leads to', 'gate'],
          graph.sources.map(row),
        ),
  )
  return { id: 'sources', title: 'Sources of tenant data', body }
}

function row(source: TenantSource): readonly Cell[] {
  const { object, kind, role, path, privileges, reaches, gate, reason } = source
  const way = [privileges.join(', '), ...path.map((step) => `through ${step}`)].join('; ')
  return [
    code(object),
    text(kind),
    role === null ? text('whoever replicates') : code(role),
    text(way),
    list(reaches.map(reachText)),
    {
      class: gate,
      content: join(element('strong', {}, text(gate)), text(` ${reason}`)),
    },
  ]
}

function reachText({ table: name, access, as, through }: SourceReach): string {
  const chain = through.length === 0 ? '' : ` through ${through.join(', ')}`
  return `${access} ${name}${chain} as ${as ?? 'the caller'}`
}

const membership: ReadonlySet<string> = new Set(['inherits', 'set-role', 'admin'])

/** The edges of the graph: memberships, grants, then what objects lead to. */
export function graphSection({ graph }: CheckResult): Section {
  const names = new Map(graph.nodes.map(({ id, kind, name }) => [id, `${kind} ${name}`]))
  const name = (id: string): string => names.get(id) ?? id
  const part = (title: string, edges: readonly GraphEdge[], headings: string[]): Section['body'] =>
    edges.length === 0
      ? text('')
      : folded(
          `${title} (${edges.length})`,
          table(
            title,
            headings,
            edges.map(({ from, to, kind, as, privileges }): readonly Cell[] => [
              code(name(from)),
              text(privileges.length > 0 ? privileges.join(', ') : kind),
              code(name(to)),
              ...(headings.length > 3 ? [text(as ?? 'whoever came this way')] : []),
            ]),
          ),
        )
  const grants = (edge: GraphEdge): boolean => edge.kind === 'grant' || edge.kind === 'owner'
  const opaque = graph.nodes.filter((node) => node.opaque.length > 0)
  const body = join(
    paragraph(
      'Who reaches what, and whose rights count on each step: the owner of a view without security_invoker, of a SECURITY DEFINER function, of the relation that a rule belongs to; otherwise whoever runs the statement.',
    ),
    part(
      'Memberships',
      graph.edges.filter(({ kind }) => membership.has(kind)),
      ['role', 'how', 'role'],
    ),
    part('Privileges', graph.edges.filter(grants), ['role', 'privileges', 'object']),
    part(
      'What objects lead to',
      graph.edges.filter((edge) => !membership.has(edge.kind) && !grants(edge)),
      ['object', 'how', 'object', 'with the rights of'],
    ),
    opaque.length === 0
      ? text('')
      : folded(
          `Bodies that cannot be read in full (${opaque.length})`,
          table(
            'Bodies that cannot be read in full',
            ['object', 'what cannot be read'],
            opaque.map((node): readonly Cell[] => [code(node.name), list(node.opaque)]),
          ),
        ),
  )
  return { id: 'graph', title: 'Who reaches what as whom', body }
}
