import {
  IconApi,
  IconArchive,
  IconBell,
  IconLockCog,
  IconMessage2Cog,
  IconSettings,
} from '@tabler/icons-react'
import type { PageRoute } from '../page-route.js'

const places = ['member', 'grant'] as const

/** Profile, keys, notifications, and the end of the tenant. */
export const settingsRoutes: readonly PageRoute[] = [
  {
    path: '/api-keys',
    title: 'API keys',
    places,
    capability: 'api_keys.read',
    nav: { group: 'Organisation', icon: IconApi },
    load: () => import('./api-key-list-page.js'),
  },
  {
    path: '/keys',
    title: 'Key references',
    places: ['member'],
    capability: 'keys.read',
    nav: { group: 'Organisation', icon: IconLockCog },
    load: () => import('./key-list-page.js'),
  },
  {
    path: '/notifications',
    title: 'Notifications',
    places,
    capability: 'notifications.read',
    nav: { group: 'Organisation', icon: IconBell },
    load: () => import('./notification-list-page.js'),
  },
  {
    path: '/notifications/$notificationId',
    title: 'Notification',
    places,
    capability: 'notifications.read',
    load: () => import('./notification-page.js'),
  },
  {
    path: '/notification-templates',
    title: 'Notification texts',
    places,
    capability: 'notifications.read',
    nav: { group: 'Organisation', icon: IconMessage2Cog },
    load: () => import('./template-list-page.js'),
  },
  {
    path: '/notification-templates/$systemTemplateId',
    title: 'Notification text',
    places,
    capability: 'notifications.read',
    load: () => import('./template-page.js'),
  },
  {
    path: '/archive-requests',
    title: 'Archiving',
    places: ['member'],
    capability: 'tenant.archive',
    nav: { group: 'Organisation', icon: IconArchive },
    load: () => import('./archive-request-list-page.js'),
  },
  {
    path: '/settings',
    title: 'Settings',
    places,
    capability: null,
    nav: { group: 'Organisation', icon: IconSettings },
    load: () => import('./profile-page.js'),
  },
]
