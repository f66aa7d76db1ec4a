/** A field of a form as data; its name is that of the body's property. */
export interface Field {
  readonly name: string
  readonly label: string
  readonly kind: 'text' | 'textarea' | 'number' | 'choice' | 'switch' | 'datetime' | 'password'
  readonly help?: string
  readonly isRequired?: boolean
  readonly initial?: string
  readonly maxLength?: number
  readonly options?: readonly { readonly value: string; readonly label: string }[]
}

/** What was typed, by field: text, a number, an ISO time, or a boolean; empty fields are left out. */
export type FormValues = Readonly<Record<string, string | number | boolean>>

/** Values of a form's fields as a body carries them. */
export function readFields(fields: readonly Field[], form: FormData): FormValues {
  return Object.fromEntries(
    fields.flatMap(({ name, kind }): [string, string | number | boolean][] => {
      const sent = form.get(name)
      const text = typeof sent === 'string' ? sent.trim() : ''
      if (kind === 'switch') return [[name, sent !== null]]
      if (text === '') return []
      if (kind === 'number') return [[name, Number(text)]]
      if (kind === 'datetime') return [[name, new Date(text).toISOString()]]
      return [[name, text]]
    }),
  )
}
