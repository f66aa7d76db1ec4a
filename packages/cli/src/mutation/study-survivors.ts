import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClosableSolver, DiffInput, KillingTest, Mutant } from '@watertight/verifier'
import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import type { SurvivorStudy } from './judge-mutants.js'
import { connectTo, withClient } from './scratch.js'
import type { Scratch } from './scratch.js'

export interface StudyOptions {
  readonly scratch: Scratch
  readonly catalog: CatalogSnapshot
  readonly model: TenancyModel
  /** A copy of the original on which tests are tried. */
  readonly original: string
  /** Where tests are written; undefined to write none. */
  readonly folder: string | undefined
  readonly format: 'node' | 'sql'
}

/** Compares survivors with the original and writes the tests that kill them. */
export function studySurvivors(options: StudyOptions): SurvivorStudy & { close(): void } {
  const { catalog, model, original, folder, format } = options
  let solver: ClosableSolver | undefined
  // One solver decides one problem at a time, and workers share it.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(use: () => Promise<T>): Promise<T> => {
    const turn = last.then(use)
    last = turn.catch(() => undefined)
    return turn
  }
  const inputOf = (name: string, url: string, db: DiffInput['db']): DiffInput => ({
    name,
    db,
    model,
    connect: async () => {
      const client = await connectTo(url)
      return { db: client, close: () => client.end() }
    },
  })
  return {
    compare: (mutant, url) =>
      // What lives in the cluster is on both sides.
      mutant.isClusterWide
        ? Promise.resolve(null)
        : inTurn(() =>
            withClient(url, async (client) => {
              const { diffIsolation, openZ3 } = await import('@watertight/verifier')
              solver ??= await openZ3()
              const before = { ...inputOf('the original', original, client), catalog }
              const after = {
                ...inputOf('the mutant', url, client),
                catalog: await readCatalog(client, { schemas: 'all' }),
              }
              return diffIsolation(before, after, { solver })
            }),
          ),
    writeTest: (mutant, url, diff) =>
      inTurn(async () => {
        if (folder === undefined) return null
        const { killingTests, printNodeTest, printSqlTest } = await import('@watertight/verifier')
        for (const test of killingTests(mutant, diff)) {
          if (!(await kills(mutant, test, { original, mutated: url }, printSqlTest(test)))) continue
          await mkdir(folder, { recursive: true })
          const stem = mutant.id.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
          const file = join(
            folder,
            `${stem.slice(0, 120)}.${format === 'sql' ? 'sql' : 'test.mjs'}`,
          )
          await writeFile(file, format === 'sql' ? printSqlTest(test) : printNodeTest([test]))
          return file
        }
        return null
      }),
    close: () => solver?.close(),
  }
}

/** It fails on the mutant, for the reason it names, and passes on the original. */
async function kills(
  { isClusterWide, down }: Mutant,
  { title }: KillingTest,
  urls: { readonly original: string; readonly mutated: string },
  text: string,
): Promise<boolean> {
  const faultOn = (url: string): Promise<string | null> =>
    withClient(url, (client) => client.query(text)).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
  if ((await faultOn(urls.mutated)) !== `watertight: ${title}`) return false
  if (isClusterWide) {
    await withClient(urls.original, async (client) => {
      for (const statement of down) await client.query(statement)
    })
  }
  return (await faultOn(urls.original)) === null
}
