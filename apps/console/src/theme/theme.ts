import { createTheme } from '@mantine/core'
import type { CSSVariablesResolver } from '@mantine/core'

const plainHeader = { header: { role: 'presentation' } }

/** Colours and sizes of the console; teal is a member, grape an auditor, red the platform. */
export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: 9,
  defaultRadius: 'sm',
  autoContrast: true,
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  headings: { fontWeight: '600' },
  components: {
    // Their heading is that of a dialogue, not a banner of the page.
    Modal: { defaultProps: { attributes: plainHeader } },
    Drawer: { defaultProps: { attributes: plainHeader } },
  },
})

/** Where Mantine's own greys are paler than WCAG 2.2 AA has it (1.4.3, 1.4.11). */
export const contrastingVariables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray[7],
    '--mantine-color-placeholder': colors.gray[7],
    '--mantine-color-error': colors.red[9],
    // Text on pale backgrounds: the page at hand in the navigation, titles of alerts.
    '--mantine-color-teal-light-color': '#05634a',
    '--mantine-color-yellow-light-color': '#7a4600',
    '--mantine-color-orange-light-color': '#8a3a00',
    '--mantine-color-red-light-color': '#a61e1e',
  },
  dark: {
    '--mantine-color-dimmed': colors.dark[1],
    '--mantine-color-placeholder': colors.dark[1],
    '--mantine-color-error': colors.red[4],
  },
})
