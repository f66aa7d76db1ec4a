import { MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import './adaptations.css'
import { contrastingVariables, theme } from './theme.js'

/** Gives Mantine its theme, and the nonce that lets its style sheets in. */
export function Themed({
  nonce,
  children,
}: {
  readonly nonce: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={contrastingVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  )
}
