import type { ReactNode } from 'react'

/** What a form or a list tells an input that picks one of many objects. */
export interface PickerProps {
  readonly label: string
  /** The field of a form; none outside of one. */
  readonly name?: string
  readonly description?: string | undefined
  readonly error?: string | undefined
  readonly required?: boolean
  /** The id that is picked at first, and again whenever it changes; null for none. */
  readonly initial: string | null
  /** What it means that nothing is picked. */
  readonly unset?: string
  readonly onPick?: (id: string | null) => void
}

/** An input that finds objects on the server by what is typed, and picks one of them. */
export type Picker = (props: PickerProps) => ReactNode
