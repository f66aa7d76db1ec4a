/** Flags that several benchmarks have. */
const json = { type: 'boolean', about: 'one object on stdout; what goes on is told on stderr' }
const out = {
  type: 'string',
  value: 'FOLDER',
  about: 'also write the result there, as bench/results',
}

const inBench = (file) => ({ project: 'bench', program: `bench/dist/bench/src/${file}.js` })

/**
 * The benchmarks by name: how they are called, what they take, and where they are. The programs read
 * their flags themselves; a test holds the two lists to each other.
 */
export const benches = {
  throughput: {
    ...inBench('bench'),
    usage: 'npm run bench -- [flags]',
    about: 'Round trips and throughput of watertight beside its peers.',
    flags: {
      quick: { type: 'boolean', about: 'only what the ratios need, in under two minutes' },
      only: { type: 'string', value: 'LIST', about: 'of peers and ORMs: drizzle,prisma' },
      workloads: {
        type: 'string',
        value: 'LIST',
        about: "some of them, without mixed loads: 'primary-key read,list of ten'",
      },
      json,
      out,
    },
  },
  loads: {
    ...inBench('loads'),
    usage: 'npm run bench:loads -- [flags]',
    about: 'A large tenant among small ones, and many callers through PgBouncer.',
    flags: {
      whale: { type: 'string', value: 'N', default: '1000000', about: 'rows of the large tenant' },
      minnows: { type: 'string', value: 'N', default: '1000', about: 'small tenants' },
      callers: { type: 'string', value: 'N', default: '500', about: 'through PgBouncer' },
      rounds: { type: 'string', value: 'N', default: '7', about: 'of measurements' },
      json,
      out,
    },
  },
  flatness: {
    ...inBench('flatness'),
    usage: 'npm run bench:flatness -- [flags]',
    about: 'Whether the cost of a statement depends on how many tenants and org units there are.',
    flags: {
      tenants: { type: 'string', value: 'LIST', default: '10,1000,100000', about: 'how many' },
      rows: { type: 'string', value: 'N', default: '20', about: 'of each tenant' },
      whale: { type: 'string', value: 'N', default: '1000000', about: 'rows of a large tenant' },
      units: { type: 'string', value: 'LIST', default: '100,1000,10000', about: 'org units' },
      samples: { type: 'string', value: 'N', default: '3000', about: 'measurements' },
      json,
      out,
    },
  },
  memory: {
    ...inBench('memory'),
    usage: 'npm run bench:memory -- [flags]',
    about: 'What a process holds after many tenants and statements, and while it streams.',
    flags: {
      tenants: { type: 'string', value: 'LIST', default: '1000,1000000', about: 'how many' },
      statements: { type: 'string', value: 'LIST', default: '1000,100000', about: 'how many' },
      rows: { type: 'string', value: 'LIST', default: '1000000', about: 'to stream' },
      json,
      out,
    },
  },
  catalog: {
    ...inBench('catalog'),
    usage: 'npm run bench:catalog -- [flags]',
    about: 'Time and peak memory of reading the catalog of growing schemas.',
    flags: {
      tables: { type: 'string', value: 'LIST', default: '100,1000,4000', about: 'sizes' },
    },
  },
  plan: {
    ...inBench('plan'),
    usage: 'npm run bench:plan -- [flags]',
    about: 'Time and peak memory of a plan on growing schemas.',
    flags: {
      tables: { type: 'string', value: 'LIST', default: '100,1000,4000', about: 'sizes' },
      apply: { type: 'boolean', about: 'also apply it' },
      json,
      out,
    },
  },
  check: {
    ...inBench('check'),
    usage: 'npm run bench:check -- [flags]',
    about:
      'Time and peak memory of check on growing schemas: first, unchanged, one policy changed.',
    flags: {
      tables: { type: 'string', value: 'LIST', default: '250,500,1000,2000', about: 'sizes' },
      json,
      out,
    },
  },
  kernel: {
    ...inBench('kernel'),
    usage: 'npm run bench:kernel -- [flags]',
    about: 'What verifying a context costs in the server, and which part of it.',
    flags: {
      calls: { type: 'string', value: 'N', default: '50000', about: 'in one statement' },
      reads: { type: 'string', value: 'N', default: '10000', about: 'a transaction each' },
      rounds: { type: 'string', value: 'N', default: '9', about: 'of measurements' },
      json,
      out,
    },
  },
  'orm-cost': {
    ...inBench('orm-cost'),
    usage: 'npm run bench:orm-cost -- [flags]',
    about:
      'Processor time of one read in an ORM, without tenancy and with it, of client and server.',
    flags: {
      only: { type: 'string', value: 'LIST', about: 'of ORMs: kysely,drizzle' },
      rounds: { type: 'string', value: 'N', default: '40', about: 'of measurements' },
      reads: { type: 'string', value: 'N', default: '400', about: 'of one measurement' },
      warm: { type: 'string', value: 'N', default: '12000', about: 'reads before the first' },
      workload: { type: 'string', value: 'NAME', about: 'such as “list of ten”' },
      callers: { type: 'string', value: 'N', default: '8', about: 'at a time' },
      json,
    },
  },
  'public-listing': {
    project: 'apps/platform',
    program: 'apps/platform/dist/bench/public-listing.js',
    usage: 'npm run bench:public-listing -- [flags]',
    about: 'What a page of the cross-tenant listing of events costs in the database.',
    flags: {
      tenants: { type: 'string', value: 'N', default: '1000', about: 'how many' },
      events: { type: 'string', value: 'N', default: '1000000', about: 'how many' },
      samples: { type: 'string', value: 'N', default: '20', about: 'of each page' },
      plans: { type: 'boolean', about: 'also print the plans' },
    },
  },
}
