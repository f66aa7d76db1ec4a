import type { ReactNode } from 'react'
import classes from './facts.module.css'

/** What is known of an object: names and values, in two columns where there is room. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ReactNode])[]
}): ReactNode {
  return (
    <dl className={classes['facts']}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? <span aria-label="none">—</span>}</dd>
        </div>
      ))}
    </dl>
  )
}
