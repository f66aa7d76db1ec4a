import { useId, useState } from 'react'
import type { ReactNode } from 'react'
import classes from './choice-list.module.css'
import type { Choices } from './choices.js'

/** More choices than this can be searched. */
const fewChoices = 8

/** Links to other documents, by group; with a search where there are many. */
export function ChoiceList({
  groups,
  search,
}: {
  readonly groups: readonly Choices[]
  /** Label of the search. */
  readonly search: string
}): ReactNode {
  const id = useId()
  const [typed, setTyped] = useState('')
  const count = groups.reduce((sum, { choices }) => sum + choices.length, 0)
  const wanted = typed.trim().toLowerCase()
  const fitting = groups
    .map(({ title, choices }) => ({
      title,
      choices: choices.filter(({ label }) => label.toLowerCase().includes(wanted)),
    }))
    .filter(({ choices }) => choices.length > 0)
  return (
    <>
      {count > fewChoices && (
        <input
          type="search"
          className={classes['search'] ?? ''}
          aria-label={search}
          placeholder={search}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          autoFocus
        />
      )}
      {fitting.map(({ title, choices }) => (
        <div key={title}>
          <div className={classes['title'] ?? ''} id={`${id}${title}`}>
            {title}
          </div>
          <ul className={classes['list'] ?? ''} aria-labelledby={`${id}${title}`}>
            {choices.map(({ key, label, href, isCurrent, depth }) => (
              <li key={key}>
                <a
                  className={classes['choice'] ?? ''}
                  href={href}
                  aria-current={isCurrent}
                  style={{ paddingInlineStart: `${String(0.625 + depth)}rem` }}
                >
                  {label}
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {fitting.length === 0 && <div className={classes['title'] ?? ''}>Nothing has that name</div>}
    </>
  )
}
