import { useNavigate } from '@tanstack/react-router'
import { useEffect, useId, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { useSession } from '../session/session.js'
import list from './choice-list.module.css'
import { orgUnitChoices, placeChoices } from './choices.js'
import classes from './command-palette.module.css'
import { reachedPages } from './reached-pages.js'

interface Command {
  readonly key: string
  readonly label: string
  readonly kind: string
  readonly go: () => void
}

/** Goes to a page, a tenant, a window or an org unit by a few letters of its name. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const commands = useCommands(onClose)
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const words = typed.toLowerCase().split(/\s+/)
  const fitting = commands.filter(({ label, kind }) =>
    words.every((word) => `${label} ${kind}`.toLowerCase().includes(word)),
  )
  const current = Math.min(chosen, fitting.length - 1)
  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => {
    dialog.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [current])
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && fitting.length > 0) {
      event.preventDefault()
      setChosen((current + step + fitting.length) % fitting.length)
    }
    if (event.key === 'Enter') fitting[current]?.go()
  }
  return (
    <dialog ref={dialog} className={classes['palette'] ?? ''} aria-label="Go to" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        className={list['search'] ?? ''}
        aria-label="Page, tenant, window or org unit"
        placeholder="Page, tenant, window or org unit"
        aria-expanded
        aria-controls={`${id}options`}
        aria-activedescendant={fitting.length > 0 ? `${id}${String(current)}` : undefined}
        autoComplete="off"
        value={typed}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
        autoFocus
      />
      <ul
        id={`${id}options`}
        role="listbox"
        aria-label="Fitting"
        className={classes['options'] ?? ''}
      >
        {fitting.map(({ key, label, kind, go }, index) => (
          <li
            key={key}
            id={`${id}${String(index)}`}
            role="option"
            aria-selected={index === current}
            className={classes['option'] ?? ''}
            onClick={go}
          >
            <span>{label}</span>
            <span className={classes['kind'] ?? ''}>{kind}</span>
          </li>
        ))}
      </ul>
      <div role="status" className={list['title'] ?? ''}>
        {fitting.length === 0
          ? 'Nothing has that name'
          : `${String(fitting.length)} to choose from`}
      </div>
    </dialog>
  )
}

function useCommands(onClose: () => void): readonly Command[] {
  const placed = useSession()
  const navigate = useNavigate()
  const pages = reachedPages(placed).map(({ path, title, nav }) => ({
    key: path,
    label: title,
    kind: nav?.group ?? 'Page',
    go() {
      onClose()
      void navigate({ to: path })
    },
  }))
  const units = { title: 'Org unit', choices: orgUnitChoices(placed) }
  const places = [...placeChoices(placed), units].flatMap(({ title, choices }) =>
    choices.map(({ key, label, href }) => ({
      key,
      label,
      kind: title.replace(/s$/, ''),
      go: () => location.assign(href),
    })),
  )
  return [...pages, ...places]
}
