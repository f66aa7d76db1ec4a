import type { Picker } from '../forms/picker.js'

/** A filter that the server applies; its value is in the address under `param`. */
export type Filter =
  | {
      readonly kind: 'text'
      readonly param: string
      readonly label: string
      /** An example of what can be typed; the input is wider for it. */
      readonly hint?: string
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
