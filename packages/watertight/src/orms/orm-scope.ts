import type { BoundTxManager, TenantContext, TxManager } from '../runtime/index.js'
import { boundContext } from './bound-context.js'

/**
 * Where an adapter sends its statements: to the `TxManager`, under the ambient context, or to a
 * handle that is bound to one (`tx.as(context)`).
 */
export type OrmConnection = TxManager | BoundTxManager

type Verbs = Pick<TxManager, 'query' | 'run' | 'stream'>

/** The context and the verbs of an adapter. */
export class OrmScope {
  readonly tx: Verbs
  readonly #handle: BoundTxManager | null

  constructor(given: OrmConnection) {
    this.#handle = 'context' in given ? given : null
    this.tx = 'context' in given ? verbsOf(given) : given
  }

  /** As {@link boundContext}, with the context of the handle if there is one. */
  context(bound: TenantContext | null, required: true): TenantContext
  context(bound: TenantContext | null, required?: boolean): TenantContext | null
  context(bound: TenantContext | null, required = false): TenantContext | null {
    return boundContext(bound, required, this.#handle === null ? null : this.#handle.context)
  }
}

/** INVARIANT: the handle's own context is what the statements run under. */
function verbsOf(handle: BoundTxManager): Verbs {
  return {
    query: (_context, text, values, options) => handle.query(text, values, options),
    run: (_context, fn, options) => handle.run(fn, options),
    stream: (_context, text, values, options) => handle.stream(text, values, options),
  }
}
