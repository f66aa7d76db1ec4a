import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Plan } from 'watertight/plan'

/**
 * Writes the three files of a plan under the next free number of a folder, and returns their paths;
 * none for an empty plan. A file that exists is never overwritten.
 */
export async function writePlanFiles(plan: Plan, cwd: string, folder: string): Promise<string[]> {
  if (plan.steps.length === 0) return []
  const { renderMigration } = await import('watertight/migrate')
  const directory = resolve(cwd, folder)
  await mkdir(directory, { recursive: true })
  const numbers = (await readdir(directory)).map((name) => Number(/^(\d+)_/.exec(name)?.[1] ?? 0))
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0')
  const { up, down, plan: json } = renderMigration(plan)
  const files = { 'up.sql': up, 'down.sql': down, 'plan.json': json }
  const written: string[] = []
  for (const [suffix, text] of Object.entries(files)) {
    const path = join(directory, `${number}_watertight.${suffix}`)
    await writeFile(path, text, { flag: 'wx' })
    written.push(path)
  }
  return written
}
