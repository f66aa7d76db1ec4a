import { Fragment } from 'react'
import type { ReactNode } from 'react'

/** Where a name of a table, an address or a right can be broken: before a letter, so no number is. */
const seam = /(?<=[._@:])(?=\p{L})/u

/** Text whose long names a narrow column breaks after a dot, an underscore, a colon or an at sign. */
export function Breakable({ text }: { readonly text: string }): ReactNode {
  return text.split(seam).map((part, index) => (
    // The parts of a text stay where they are.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}
