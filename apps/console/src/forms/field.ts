import type { Picker } from './picker.js'

/** A field of a form as data; its name is that of the body's property. */
export interface Field {
  readonly name: string
  readonly label: string
  /** `words` is text that is sent as a list, split at commas and spaces; `choices` sends a list; `pick` finds by typing. */
  readonly kind:
    | 'text'
    | 'textarea'
    | 'number'
    | 'choice'
    | 'choices'
    | 'pick'
    | 'words'
    | 'switch'
    | 'datetime'
    | 'password'
  readonly help?: string
  readonly isRequired?: boolean
  readonly initial?: string
  readonly maxLength?: number
  readonly options?: readonly { readonly value: string; readonly label: string }[]
  /** What a field of kind `pick` picks from. */
  readonly picker?: Picker
}

type FieldValue = string | number | boolean | readonly string[]

/** What was typed, by field: text, a number, an ISO time, a boolean or a list; empty ones are left out. */
export type FormValues = Readonly<Record<string, FieldValue>>

/** Values of a form's fields as a body carries them. */
export function readFields(fields: readonly Field[], form: FormData): FormValues {
  return Object.fromEntries(
    fields.flatMap(({ name, kind }): [string, FieldValue][] => {
      const sent = form.get(name)
      const text = typeof sent === 'string' ? sent.trim() : ''
      if (kind === 'switch') return [[name, sent !== null]]
      if (kind === 'words') return [[name, text.split(/[\s,]+/).filter((word) => word !== '')]]
      if (kind === 'choices') return [[name, form.getAll(name).map(String)]]
      if (text === '') return []
      if (kind === 'number') return [[name, Number(text)]]
      if (kind === 'datetime') return [[name, new Date(text).toISOString()]]
      return [[name, text]]
    }),
  )
}
