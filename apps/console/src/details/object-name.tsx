import { Fragment } from 'react'
import type { ReactNode } from 'react'

/** The name of an object of the database, which a narrow column breaks after a dot or an underscore. */
export function ObjectName({ name }: { readonly name: string }): ReactNode {
  return name.split(/(?<=[._])/).map((part, index) => (
    // The parts of a name stay where they are.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}
