import {
  ActionIcon,
  Anchor,
  Button,
  Container,
  Group,
  Text,
  useMantineColorScheme,
} from '@mantine/core'
import { IconMoon, IconSun } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import classes from './public.module.css'

/** What is around every page that needs no sign-in. */
export function PublicFrame({ children }: { readonly children: ReactNode }): ReactNode {
  const { colorScheme, toggleColorScheme } = useMantineColorScheme()
  const isDark = colorScheme === 'dark'
  return (
    <>
      <a href="#content" className={classes['skip']}>
        Skip to the content
      </a>
      <header className={classes['header']}>
        <Container size="md">
          <Group justify="space-between" h={56} wrap="nowrap">
            <Anchor
              renderRoot={(props) => <Link {...props} to="/" />}
              underline="never"
              c="inherit"
            >
              <Text fw={700} span>
                All events
              </Text>
            </Anchor>
            <Group gap="xs" wrap="nowrap">
              <ActionIcon
                variant="default"
                size="lg"
                onClick={toggleColorScheme}
                aria-label={isDark ? 'Use light colours' : 'Use dark colours'}
              >
                {isDark ? <IconSun size={18} /> : <IconMoon size={18} />}
              </ActionIcon>
              <Button component="a" href="/" variant="default">
                Sign in
              </Button>
            </Group>
          </Group>
        </Container>
      </header>
      <Container size="md" py="lg" component="main" id="content" tabIndex={-1}>
        {children}
      </Container>
    </>
  )
}
