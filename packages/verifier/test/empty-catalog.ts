import type { CatalogSnapshot } from 'watertight/catalog'

/** A database without anything in it. */
export const emptyCatalog: CatalogSnapshot = {
  server: {
    version: '18.0',
    versionNum: 180000,
    database: 'empty',
    systemIdentifier: '',
    encoding: 'UTF8',
    currentUser: 'postgres',
    isSuperuser: true,
    settings: {},
  },
  database: { owner: 'postgres', acl: [] },
  schemas: [],
  relations: [],
  functions: [],
  sequences: [],
  enums: [],
  roles: [],
  memberships: [],
  defaultPrivileges: [],
  settingDefaults: [],
  publications: [],
}
