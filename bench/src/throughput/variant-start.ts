import type { Target } from './adapter.js'
import type { ShopSize } from './shop.js'

/** What is opened, and what the process that holds it is asked. */
export interface VariantStart {
  readonly adapter: string
  readonly target: Target
  readonly size: ShopSize
}

export type VariantRequest =
  | { readonly kind: 'start'; readonly start: VariantStart }
  | { readonly kind: 'canary' }
  | {
      readonly kind: 'measure'
      readonly workload: string
      readonly ms: number
      readonly callers: number
    }
  | { readonly kind: 'close' }

export type VariantReply =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly message: string }
