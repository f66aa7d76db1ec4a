import type { ConnectionOptions } from 'node:tls'

/** A value parser of `postgres`; one for arrays takes the text without its first character. */
export interface PostgresJsParser {
  (text: string): unknown
  array?: boolean
}

/** The options of an instance of `postgres`, as it has parsed them. */
export interface PostgresJsOptions {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path?: string | false | undefined
  readonly ssl?: boolean | string | ConnectionOptions | undefined
  readonly sslnegotiation?: string | null | undefined
  readonly socket?: unknown
  readonly prepare: boolean
  readonly fetch_types: boolean
  readonly types: Readonly<Record<string, { readonly to?: number; readonly from?: unknown }>>
  readonly parsers: Readonly<Record<number, PostgresJsParser | undefined>>
  readonly serializers: Readonly<Record<number, ((value: unknown) => unknown) | undefined>>
  readonly transform: {
    readonly undefined?: unknown
    readonly column: { readonly from?: ((name: string) => string) | undefined }
    readonly value: { readonly from?: ((value: unknown, column: object) => unknown) | undefined }
    readonly row: { readonly from?: ((row: object) => unknown) | undefined }
  }
  readonly shared: { readonly typeArrayMap: object }
}

/**
 * The parts of an instance of `postgres` (3.4 and later) that the driver touches, structurally, so
 * that any instance fits, whatever its type parameters.
 */
export interface PostgresJsSql {
  readonly options: object
  readonly PostgresError: unknown
  end(options?: { timeout?: number }): Promise<void>
}

/** What `postgres` throws for an error of the server. */
export type PostgresErrorClass = new (fields: object) => Error
