/** A filter that the server applies; its value is in the address under `param`. */
export type Filter =
  | {
      readonly kind: 'text'
      readonly param: string
      readonly label: string
      /** An example of what can be typed; the input is as wide as it. */
      readonly hint?: string
    }
  | { readonly kind: 'date'; readonly param: string; readonly label: string }
  | {
      readonly kind: 'choice'
      readonly param: string
      readonly label: string
      /** What it means that nothing is chosen; “All” by default. */
      readonly unset?: string
      readonly options: readonly { readonly value: string; readonly label: string }[]
    }
