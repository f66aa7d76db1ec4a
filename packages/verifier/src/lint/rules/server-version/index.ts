import { makeFinding } from '../../../findings/index.js'
import type { Severity } from '../../../findings/index.js'
import { listed } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'
import { vulnerabilities } from './vulnerabilities.js'
import type { Vulnerability } from './vulnerabilities.js'

/** The server has a published flaw that isolation depends on not having. */
export const serverVersion: CatalogRule = {
  kind: 'catalog',
  id: 'server-version',
  title: 'The server lacks a published correction that isolation depends on.',
  check: ({ catalog: { server } }) => {
    const open = vulnerabilities.filter((entry) => isOpen(entry, server.versionNum))
    if (open.length === 0) return []
    const names = open.map(({ cve }) => `CVE-${cve}`)
    const target = latest(open, major(server.versionNum))
    const reasons = open.flatMap(({ cve, what }) => (what === null ? [] : [`CVE-${cve}: ${what}`]))
    const steps = open.flatMap(({ afterwards }) => (afterwards === null ? [] : [afterwards]))
    return [
      makeFinding({
        rule: 'server-version',
        severity: worst(open),
        object: 'server',
        message: `PostgreSQL ${server.version} is not corrected for ${listed(names)}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}.`,
        evidence: { versionNum: server.versionNum, vulnerabilities: names, correctedIn: target },
        remedy: [`Install PostgreSQL ${target} or newer and restart.`, ...steps].join(' '),
      }),
    ]
  },
}

/** From version 10 on the number is the major times 10,000 plus the minor. */
function major(versionNum: number): number {
  return Math.floor(versionNum / 10_000)
}

/** A major without an entry never had the flaw. */
function isOpen({ corrected }: Vulnerability, versionNum: number): boolean {
  const minor = corrected[major(versionNum)]
  return minor !== undefined && versionNum % 10_000 < minor
}

/** The first minor that has all corrections. */
function latest(open: readonly Vulnerability[], of: number): string {
  return `${of}.${Math.max(...open.map(({ corrected }) => corrected[of] ?? 0))}`
}

function worst(open: readonly Vulnerability[]): Severity {
  return open.some(({ bearsOnRows }) => bearsOnRows) ? 'warning' : 'info'
}
