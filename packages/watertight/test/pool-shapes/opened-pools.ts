import type { ReportedShape } from './code-shape.js'
import { shape } from './code-shape.js'

/** Pools that are opened, or exported, in sight of nobody. */
export const openedPools: readonly ReportedShape[] = [
  shape(
    'an exported pool',
    `import { Pool } from 'pg'\nexport const pool = new Pool()`,
    'construct 2',
  ),
  shape(
    'a default import',
    `import pg from 'pg'\nexport const pool = new pg.Pool({ max: 3 })`,
    'construct 2',
  ),
  shape(
    'a namespace import',
    `import * as pg from 'pg'\nexport default new pg.Client()`,
    'construct 2',
  ),
  shape(
    'a default of a namespace',
    `import * as pg from 'pg'\nexport default new pg.default.Pool()`,
    'construct 2',
  ),
  shape(
    'a renamed import',
    `import { Pool as Db } from 'pg'\nexport const db = new Db()`,
    'construct 2',
  ),
  shape(
    'default under a name',
    `import { default as pg } from 'pg'\nexport const db = new pg.Pool()`,
    'construct 2',
  ),
  shape(
    'destructuring a default',
    `import pg from 'pg'\nconst { Pool } = pg\nexport const p = new Pool()`,
    'construct 3',
  ),
  shape(
    'destructuring with a name',
    `import pg from 'pg'\nconst { Pool: P } = pg\nmodule.exports = new P()`,
    'construct 3',
  ),
  shape(
    'destructuring deeply',
    `const { native: { Client } } = require('pg')\nmodule.exports = new Client()`,
    'construct 2',
  ),
  shape(
    'require',
    `const { Pool } = require('pg')\nmodule.exports.pool = new Pool()`,
    'construct 2',
  ),
  shape('require in place', `module.exports = new (require('pg').Pool)()`, 'construct 1'),
  shape(
    'createRequire',
    `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\nexport const p = new (require('pg')).Pool()`,
    'construct 3',
  ),
  shape('module.require', `module.exports = new (module.require('pg').Client)()`, 'construct 1'),
  shape(
    'import equals',
    `import pg = require('pg')\nimport Pool = pg.Pool\nexport const p = new Pool()`,
    'construct 3',
  ),
  shape(
    'a dynamic import',
    `const { Pool: P } = await import('pg')\nexport const p = new P()`,
    'construct 2',
  ),
  shape(
    'a dynamic import of CommonJS',
    `const pg = (await import('pg')).default\nexport const p = new pg.Pool()`,
    'construct 2',
  ),
  shape(
    'a dynamic import with then',
    `export const p = import('pg').then(({ Pool }) => new Pool())`,
    'construct 1',
  ),
  shape(
    'an alias',
    `import { Pool } from 'pg'\nconst Database = Pool\nconst Db = Database\nexport const p = new Db()`,
    'construct 4',
  ),
  shape(
    'a choice',
    `import { Pool, Client } from 'pg'\nconst C = process.env.POOLED ? Pool : Client\nexport const p = new C()`,
    'construct 3',
  ),
  shape(
    'a fallback',
    `import pg from 'pg'\nconst { Pool } = pg.native ?? pg\nexport const p = new Pool()`,
    'construct 3',
  ),
  shape(
    'a cast',
    `import pg from 'pg'\nexport const p = new (pg as any).Pool() as unknown`,
    'construct 2',
  ),
  shape('a computed name', `import pg from 'pg'\nexport const p = new pg['Pool']()`, 'construct 2'),
  shape(
    'a computed name of a variable',
    `import pg from 'pg'\nconst kind = process.env.KIND\nexport const p = new pg[kind]()`,
    'construct 3',
  ),
  shape('a subclass', `import { Pool } from 'pg'\nexport class Db extends Pool {}`, 'extend 2'),
  shape(
    'an instance of a subclass',
    `import pg from 'pg'\nclass Db extends pg.Pool {}\nexport const db = new Db()`,
    'extend 2',
    'construct 3',
  ),
  shape(
    'a class expression',
    `import pg from 'pg'\nconst Db = class extends pg.Client {}\nexport const db = new Db()`,
    'extend 2',
    'construct 3',
  ),
  shape('a re-export', `export { Pool } from 'pg'`, 'reexport 1'),
  shape('a renamed re-export', `export { default as database } from 'postgres'`, 'reexport 1'),
  shape('a re-export of everything', `export * from 'pg'`, 'reexport 1'),
  shape(
    'a re-export of an import',
    `import { Client } from 'pg'\nexport { Client as Db }`,
    'reexport 2',
  ),
  shape('a re-export by name', `import { Pool } from 'pg'\nexport const Db = Pool`, 'reexport 2'),
  shape('a default re-export', `import pg from 'pg'\nexport default pg`, 'reexport 2'),
]
