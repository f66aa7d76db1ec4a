import type { Picker } from '../forms/picker.js'

/** A filter that the server applies; its value is in the address under `param`. */
export type Filter =
  | {
      readonly kind: 'text'
      readonly param: string
      readonly label: string
      /** An example of what can be typed. */
      readonly hint?: string
      /** True for an input as wide as a search needs it. */
      readonly isLong?: boolean
    }
  | { readonly kind: 'date'; readonly param: string; readonly label: string }
  | {
      /** Picks one of many, which are found by typing. */
      readonly kind: 'pick'
      readonly param: string
      readonly label: string
      readonly picker: Picker
    }
  | {
      readonly kind: 'choice'
      readonly param: string
      readonly label: string
      /** What it means that nothing is chosen; “All” by default. */
      readonly unset?: string
      readonly options: readonly { readonly value: string; readonly label: string }[]
    }
