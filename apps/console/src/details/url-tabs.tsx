import { Tabs } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useUrlValues } from '../lists/use-url-values.js'

/** A part of an object's page; its id is in the address. */
export interface UrlTab {
  readonly id: string
  readonly title: string
  readonly content: () => ReactNode
}

/** The parts of an object as tabs; the address says which is open, without the filters of another. */
export function UrlTabs({ tabs }: { readonly tabs: readonly UrlTab[] }): ReactNode {
  const [values] = useUrlValues()
  const navigate = useNavigate()
  const first = tabs[0]?.id ?? ''
  const open = tabs.find(({ id }) => id === values['tab'])?.id ?? first
  return (
    <Tabs
      value={open}
      onChange={(tab) => void navigate({ to: '.', search: tab === first ? {} : { tab } })}
      keepMounted={false}
    >
      <Tabs.List>
        {tabs.map(({ id, title }) => (
          <Tabs.Tab key={id} value={id}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ id, content }) => (
        <Tabs.Panel key={id} value={id} pt="md">
          {content()}
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
