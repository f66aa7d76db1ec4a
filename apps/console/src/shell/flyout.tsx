import { UnstyledButton } from '@mantine/core'
import { useEffect, useId, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import classes from './flyout.module.css'

/**
 * A button that opens a panel below itself. The browser's own popover closes it with Escape or a
 * click beside it, and gives the focus back.
 */
export function Flyout({
  label,
  button,
  children,
  testId,
}: {
  /** What the button is called. */
  readonly label: string
  /** What it looks like. */
  readonly button: ReactNode
  /** Made when the panel opens. */
  readonly children: () => ReactNode
  readonly testId?: string
}): ReactNode {
  const id = useId()
  const target = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  const place = (): void => {
    if (target.current === null || panel.current === null) return
    const { left, bottom } = target.current.getBoundingClientRect()
    const width = Math.min(320, window.innerWidth - 16)
    panel.current.style.left = `${String(Math.max(8, Math.min(left, window.innerWidth - width - 8)))}px`
    panel.current.style.top = `${String(bottom + 4)}px`
  }
  // A turned or narrowed screen would leave the panel where the button was.
  useEffect(() => {
    if (!isOpen) return undefined
    addEventListener('resize', place)
    return () => removeEventListener('resize', place)
  }, [isOpen])
  return (
    <>
      <UnstyledButton
        ref={target}
        className={classes['button'] ?? ''}
        popoverTarget={id}
        aria-expanded={isOpen}
        aria-label={label}
        title={label}
        {...(testId !== undefined && { 'data-testid': testId })}
      >
        {button}
      </UnstyledButton>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className={classes['panel'] ?? ''}
        onBeforeToggle={place}
        onToggle={({ newState }) => setOpen(newState === 'open')}
      >
        {isOpen && children()}
      </div>
    </>
  )
}
