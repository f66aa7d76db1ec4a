/**
 * Which folder may import which. A folder imports from lower levels of its own package only, and
 * from a lower package through its subpath exports. Tests may import what they need.
 */
const levels = {
  watertight: {
    errors: 0,
    sql: 1,
    model: 2,
    catalog: 2,
    plan: 3,
    runtime: 3,
    migrate: 4,
    drivers: 4,
    orms: 4,
    http: 4,
    tenants: 4,
    jobs: 4,
    otel: 4,
    explain: 4,
    eslint: 4,
    testing: 5,
  },
  verifier: {
    findings: 0,
    expr: 1,
    graph: 2,
    lint: 3,
    prove: 3,
    attack: 4,
    check: 5,
    diff: 6,
    mutate: 7,
    report: 5,
  },
}

/** Lowest first; the applications come last. */
const packageOrder = ['packages/watertight', 'packages/verifier', 'packages/cli', 'apps/[^/]+']

const pureFolders = [
  'packages/watertight/src/(model|plan)/',
  'packages/verifier/src/(expr|lint|graph|prove)/',
]

const ioBuiltins =
  'child_process|cluster|dgram|dns|fs|http|http2|https|net|os|process|readline|timers|tls|worker_threads'

const inputOutput = [`^(node:)?(${ioBuiltins})(/|$)`, '(^|/)(pg|postgres)/', '^(pg|postgres)$']

const tests = '\\.test\\.ts$'

function levelRules(packageName, folders) {
  const source = `^packages/${packageName}/src`
  const known = Object.keys(folders)
  return [
    ...known.map((folder) => {
      const notBelow = known.filter((name) => name !== folder && folders[name] >= folders[folder])
      const forbidden = [`${source}/[^/]+\\.ts$`]
      if (notBelow.length > 0) forbidden.push(`${source}/(${notBelow.join('|')})/`)
      return {
        name: `level-of-${packageName}-${folder}`,
        comment: `${folder} imports only from folders of a lower level`,
        severity: 'error',
        from: { path: `${source}/${folder}/`, pathNot: tests },
        to: { path: forbidden },
      }
    }),
    {
      name: `folder-without-level-in-${packageName}`,
      comment: 'give every folder a level in .dependency-cruiser.mjs',
      severity: 'error',
      from: { path: `${source}/(?!(${known.join('|')})/)[^/]+/` },
      to: {},
    },
  ]
}

/** @type {import('dependency-cruiser').IConfiguration} */
const configuration = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'an import cycle means two files are one idea, or a third idea is missing',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...Object.entries(levels).flatMap(([name, folders]) => levelRules(name, folders)),
    ...packageOrder.slice(0, -1).map((path, index) => ({
      name: `package-order-${path.split('/').at(-1)}`,
      comment: 'watertight ← verifier ← cli ← apps',
      severity: 'error',
      from: { path: `^${path}/`, pathNot: tests },
      to: { path: packageOrder.slice(index + 1).map((higher) => `^${higher}/`) },
    })),
    {
      name: 'other-package-by-path',
      comment: 'import another package by its name and subpath export',
      severity: 'error',
      from: { path: '^(packages|apps)/([^/]+)/', pathNot: tests },
      to: { path: '^(packages|apps)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'examples-use-what-is-published',
      comment: 'an example is what a user could have written',
      severity: 'error',
      from: { path: '^examples/', pathNot: tests },
      to: { path: '^(packages|apps|bench|scripts|test)/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-input-output-in-pure-folders',
      comment: 'input and output enter these folders as an argument',
      severity: 'error',
      from: { path: pureFolders.map((folder) => `^${folder}`), pathNot: tests },
      to: { path: inputOutput },
    },
    {
      name: 'embedded-postgres-and-terminal-below-commands',
      severity: 'error',
      from: { path: '^packages/cli/src/(embedded-postgres|terminal)/', pathNot: tests },
      to: { path: ['^packages/cli/src/commands/', '^packages/cli/src/[^/]+\\.ts$'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { path: '^(packages|apps)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['watertight-source', 'import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.css'],
    },
  },
}

export default configuration
