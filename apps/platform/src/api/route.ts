import type { z } from 'zod'
import type { Identity } from 'watertight/http'
import type { TenantContext, Transaction } from 'watertight/runtime'
import type { ApiServices } from './api-services.js'
import type { Capability } from './capabilities.js'
import type { TenantStep } from './tenant-step.js'
import type { WithHeaders } from './with-headers.js'

/** Who may call a route. The database decides which rows; this decides which operations. */
export type Access =
  /** Anyone, in mode `public`. */
  | { readonly kind: 'public' }
  /**
   * Whoever has proven who they are; no tenant is needed. With `newcomers` also who has no account
   * yet, in mode `public`.
   */
  | { readonly kind: 'user'; readonly newcomers?: true }
  /**
   * A member of the tenant who holds the capability. With `auditor` also an auditor in a live window
   * (reads only, redacted), with `support` also platform staff as far as their grant goes.
   */
  | {
      readonly kind: 'tenant'
      readonly capability: Capability
      readonly auditor?: true
      readonly support?: true
      /**
       * The transaction runs in mode `worker` for the tenant of the member, for what no member may
       * write by itself: the handler alone keeps to what the caller may do. Not for support.
       */
      readonly asWorker?: true
    }
  /** Platform staff, without a tenant: the platform's own records. */
  | { readonly kind: 'platform' }

/** What the audit log of the tenant keeps of a successful call, in the transaction of the call. */
export interface AuditedAs {
  /** `asset.approve`: what was done, to what type of object. */
  readonly action: string
  /** `asset` */
  readonly targetType: string
  /** The path parameter that names the object; else the `id` of the reply. */
  readonly targetParam?: string
}

/** Schemas of what a route takes; what is left out must be absent. */
export interface RouteInput {
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodObject
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** What a handler gets: parsed input, and the one transaction of the request. */
export interface Call<Input extends RouteInput> {
  readonly params: Parsed<Input['params']>
  readonly query: Parsed<Input['query']>
  readonly body: Parsed<Input['body']>
  readonly context: TenantContext
  /** The token of the caller; null on public routes. */
  readonly identity: Identity | null
  /** What the server has beside the database; null where it was opened without. */
  readonly services: ApiServices | null
  /** Read-only on GET. It commits when the handler returns. */
  readonly tx: Transaction
}

/** What a handler answers with: rows become JSON by `schema`. */
export interface RouteReply<Schema extends z.ZodType> {
  readonly status: 200 | 201 | 202 | 204
  readonly schema: Schema
  readonly description: string
  /** Of a reply that is a text as its schema makes it: `text/csv`. JSON by default. */
  readonly contentType?: 'text/csv' | 'text/calendar' | 'application/octet-stream'
}

/** One operation of the API, as data: the server and the OpenAPI document are made of it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In OpenAPI's form: `/assets/{assetId}`. */
  readonly path: string
  /** `operationId`, unique. */
  readonly id: string
  readonly summary: string
  readonly tag: string
  readonly access: Access
  /** Required of every operation that changes something of a tenant. */
  readonly audit?: AuditedAs
  /** The reply holds a secret that is shown once: it is never kept to answer a repeated request. */
  readonly revealsSecret?: true
  readonly input: RouteInput
  readonly reply: RouteReply<z.ZodType>
  readonly handle: (call: Call<RouteInput>) => Promise<unknown>
}

/** What a handler leaves of a reply: what its schema takes, with headers or without. */
type Answered<Schema extends z.ZodType> = z.input<Schema> | WithHeaders<z.input<Schema>>

/**
 * A route whose handler has the types of its schemas.
 *
 * @example
 * ```ts
 * defineRoute({
 *   method: 'GET', path: '/assets/{assetId}', id: 'getAsset', summary: 'An asset', tag: 'security',
 *   access: { kind: 'tenant', capability: 'assets.read' },
 *   input: { params: z.strictObject({ assetId: z.uuid() }) },
 *   reply: { status: 200, schema: asset, description: 'The asset' },
 *   handle: ({ tx, params }) => findAsset(tx, params.assetId),
 * })
 * ```
 */
export function defineRoute<Input extends RouteInput, Schema extends z.ZodType>(
  route: Omit<Route, 'input' | 'reply' | 'handle'> & {
    readonly input: Input
    readonly reply: RouteReply<Schema>
    readonly handle: (call: Call<Input>) => Promise<Answered<Schema> | TenantStep<Answered<Schema>>>
  },
): Route {
  // The server calls it with what these very schemas made of the request.
  return Object.freeze(route)
}
