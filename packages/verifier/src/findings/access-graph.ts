/** What a node of the graph is. */
export type GraphNodeKind =
  | 'role'
  | 'table'
  | 'partitioned-table'
  | 'partition'
  | 'view'
  | 'materialized-view'
  | 'foreign-table'
  | 'rule'
  | 'trigger'
  | 'function'
  | 'sequence'
  | 'publication'
  | 'large-objects'

/** A role or an object of the database. */
export interface GraphNode {
  /** `kind:name`, unique in the graph. */
  readonly id: string
  readonly kind: GraphNodeKind
  /** As findings and coverage name it. */
  readonly name: string
  /** The rows belong to a tenant, an org unit or a user. */
  readonly holdsTenantRows: boolean
  /** Parts of a body that cannot be read, with the reason; empty when all of it was. */
  readonly opaque: readonly string[]
}

/** How one node leads to another. */
export type GraphEdgeKind =
  /** Membership whose privileges and policies the member has at once. */
  | 'inherits'
  /** Membership that takes a SET ROLE. */
  | 'set-role'
  /** ADMIN OPTION: the member may grant the role to itself. */
  | 'admin'
  /** Privileges; from the role PUBLIC where everybody holds them. */
  | 'grant'
  | 'owner'
  | 'reads'
  | 'writes'
  | 'calls'
  /** A table fires a trigger, or a rule is added to its statements. */
  | 'fires'
  /** A partitioned or inherited table leads to its children, whose own policies are not asked. */
  | 'contains'
  /** A policy reads another relation, or calls a function, as whoever runs the statement. */
  | 'policy'
  /** A foreign key changes rows of the other table as that table's owner, past its policies. */
  | 'cascades'
  /** A sequence numbers the rows of a table. */
  | 'numbers'
  | 'publishes'
  /** Rows hold numbers of large objects. */
  | 'points-to'

/** A step from one node to another. */
export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly kind: GraphEdgeKind
  /** The role whose rights count on this step; null when it is whoever came this way. */
  readonly as: string | null
  /** Privileges of a grant; empty on other edges. */
  readonly privileges: readonly string[]
}

/** A table with tenant rows that a source leads to. */
export interface SourceReach {
  readonly table: string
  readonly access: 'reads' | 'writes'
  /** The role whose rights count there; null when it is the caller's own. */
  readonly as: string | null
  /** What lies between the source and the table. */
  readonly through: readonly string[]
}

/** One way of one role to data of tenants. */
export interface TenantSource {
  readonly object: string
  readonly kind: GraphNodeKind
  /** Null for a publication: whoever may replicate. */
  readonly role: string | null
  readonly privileges: readonly string[]
  /** Roles between the role and the privilege, such as `reporting by SET ROLE` or `PUBLIC`. */
  readonly path: readonly string[]
  readonly reaches: readonly SourceReach[]
  /**
   * `proven`: all it leads to is behind proven coverage cells; `declared`: the model declares that it
   * answers across tenants, and it does no more than that; `listed`: nothing proves it.
   */
  readonly gate: 'proven' | 'declared' | 'listed'
  readonly reason: string
}

/** Who reaches what as whom, and every source of tenant data. */
export interface AccessGraph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Listed sources first. */
  readonly sources: readonly TenantSource[]
  readonly summary: GraphSummary
}

/** Sources counted by object: one counts as proven, or declared, when it is so for every role. */
export interface GraphSummary {
  readonly sources: number
  readonly proven: number
  readonly declared: number
  readonly listed: number
}
