import type { Command } from './command.js'

/** A verb as the program knows it before its file is loaded. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  load(): Promise<Command>
}

/**
 * Every verb, in the order of help. Files are loaded when their verb is called, so that help and
 * usage errors are fast.
 */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'infer a tenancy declaration and write watertight.config.ts',
    load: async () => (await import('./init.js')).command,
  },
  {
    name: 'plan',
    summary: 'show what the isolation layer lacks, with hazards',
    load: async () => (await import('./plan.js')).command,
  },
  {
    name: 'apply',
    summary: 'put the isolation layer in place, all or nothing',
    load: async () => (await import('./apply.js')).command,
  },
  {
    name: 'rollback',
    summary: 'undo the plan that was applied last, all or nothing',
    load: async () => (await import('./rollback.js')).command,
  },
  {
    name: 'status',
    summary: 'say whether the isolation layer is in place, and what drifted',
    load: async () => (await import('./status.js')).command,
  },
  {
    name: 'check',
    summary: 'prove or refute that tenants are isolated',
    load: async () => (await import('./check.js')).command,
  },
  {
    name: 'diff',
    summary: 'tell what a change of policies allows or forbids',
    load: async () => (await import('./diff.js')).command,
  },
  {
    name: 'mutate',
    summary: 'see whether your tests notice faults in the isolation layer',
    load: async () => (await import('./mutate.js')).command,
  },
  {
    name: 'dev',
    summary: 'run a local PostgreSQL with your tables and the isolation layer',
    load: async () => (await import('./dev.js')).command,
  },
  {
    name: 'keys',
    summary: 'add, list, retire and revoke signing keys',
    load: async () => (await import('./keys.js')).command,
  },
  {
    name: 'tenants',
    summary: 'export all rows of a tenant, or erase them with proof',
    load: async () => (await import('./tenants.js')).command,
  },
  {
    name: 'explain',
    summary: 'say what an error code, exit code, hazard or rule means',
    load: async () => (await import('./explain.js')).command,
  },
  {
    name: 'completion',
    summary: 'write a script that completes command lines in your shell',
    load: async () => (await import('./completion.js')).completionCommand(loadAll),
  },
]

function loadAll(): Promise<readonly Command[]> {
  return Promise.all(commandEntries.map(({ load }) => load()))
}
