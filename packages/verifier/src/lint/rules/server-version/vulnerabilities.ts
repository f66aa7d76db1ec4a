/** A published flaw and the first minor version of each major that does not have it. */
export interface Vulnerability {
  /** Without the prefix: `2024-10976`. */
  readonly cve: string
  readonly corrected: Readonly<Record<number, number>>
  /** Rows, or values of rows, that policies hide can be reached with it. */
  readonly bearsOnRows: boolean
  /** What it lets through; null where the release notes are the place to look. */
  readonly what: string | null
  /** What remains to be done on a database after the new version runs. */
  readonly afterwards: string | null
}

/**
 * Flaws that touch Row Level Security, roles or statistics of rows. The numbers are those of the
 * PostgreSQL project's security page (https://www.postgresql.org/support/security/) and the release
 * notes of the minor versions named. Majors before 15 are refused before any rule runs, so that
 * CVE-2016-2193 (9.5.2) and CVE-2019-10130 (9.5.17, 9.6.13, 10.8, 11.3) have no entry.
 */
export const vulnerabilities: readonly Vulnerability[] = [
  {
    cve: '2023-2455',
    corrected: { 15: 3 },
    bearsOnRows: true,
    what: 'an inlined function keeps the policies of the wrong role',
    afterwards: null,
  },
  {
    cve: '2023-39418',
    corrected: { 15: 4 },
    bearsOnRows: true,
    what: 'MERGE does not enforce the UPDATE and SELECT policies on new rows',
    afterwards: null,
  },
  {
    cve: '2024-4317',
    corrected: { 15: 7, 16: 3 },
    bearsOnRows: true,
    what: 'pg_stats_ext and pg_stats_ext_exprs show statistics that the role may not read',
    afterwards:
      'For CVE-2024-4317 a database made before that keeps the open views until fix-CVE-2024-4317.sql of the new version ran in it; the catalog does not show whether it did.',
  },
  {
    cve: '2024-10976',
    corrected: { 15: 9, 16: 5, 17: 1 },
    bearsOnRows: true,
    what: 'a plan with sub-queries keeps the policies of the role it was made for',
    afterwards: null,
  },
  {
    cve: '2024-10978',
    corrected: { 15: 9, 16: 5, 17: 1 },
    bearsOnRows: false,
    what: 'SET ROLE can reset to the wrong role',
    afterwards: null,
  },
  {
    cve: '2025-8713',
    corrected: { 15: 14, 16: 10, 17: 6 },
    bearsOnRows: true,
    what: 'statistics show values of rows that a view, a partition or a policy hides',
    afterwards: null,
  },
  {
    cve: '2026-14666',
    corrected: { 15: 19, 16: 15, 17: 11, 18: 6 },
    bearsOnRows: false,
    what: null,
    afterwards: null,
  },
]
