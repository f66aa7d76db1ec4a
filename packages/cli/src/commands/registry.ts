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
]
