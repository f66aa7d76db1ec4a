import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ModuleKind, transpileModule } from 'typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openZ3 } from './z3-solver.js'
import type { ClosableSolver } from './z3-solver.js'

let solver: ClosableSolver
beforeAll(async () => {
  solver = await openZ3({ timeoutMs: 1000 })
})
afterAll(() => solver.close())

it('decides problems, several at once', async () => {
  const [open, shut] = await Promise.all([
    solver.solve('(declare-const c0 Int)(assert (> c0 3))'),
    solver.solve('(declare-const c0 Int)(assert (and (> c0 3) (< c0 4)))'),
  ])
  expect(open.status).toBe('sat')
  expect(shut).toEqual({ status: 'unsat' })
})

it('gives up after its time, and goes on', async () => {
  const sum = '(assert (= (+ (* x x x) (* y y y) (* z z z)) 114))'
  const hard = `(declare-const x Int)(declare-const y Int)(declare-const z Int)${sum}`
  const answer = await solver.solve(hard)
  expect(answer.status).toBe('unknown')
  const next = await solver.solve('(assert false)')
  expect(next).toEqual({ status: 'unsat' })
})

it('gives up after as much work on a busy machine as on an idle one', async () => {
  const frugal = await openZ3({ steps: 1000, timeoutMs: 60_000 })
  const product = '(assert (= (* x x x) (+ (* y y) 7)))'
  const answer = await frugal.solve(`(declare-const x Int)(declare-const y Int)${product}`)
  frugal.close()
  expect(answer).toEqual({ status: 'unknown', reason: 'it reached its limit of steps' })
})

it('outlives problems that need more memory than there is', async () => {
  const tight = await openZ3({ memoryMb: 16, timeoutMs: 3000 })
  const holes = 40
  const names = Array.from({ length: holes + 1 }, (_, bird) =>
    Array.from({ length: holes }, (_hole, hole) => `p${bird}x${hole}`),
  )
  const declared = names.flat().map((name) => `(declare-const ${name} Bool)`)
  const housed = names.map((row) => `(assert (or ${row.join(' ')}))`)
  const alone = names.flatMap((row, bird) =>
    names
      .slice(bird + 1)
      .flatMap((other) =>
        row.map((name, hole) => `(assert (not (and ${name} ${other[hole] ?? name})))`),
      ),
  )
  const hungry = [...declared, ...housed, ...alone].join('')
  const answer = await tight.solve(hungry).catch(() => ({ status: 'failed' }))
  expect(['unknown', 'failed']).toContain(answer.status)
  for (const [assertion, status] of [
    ['(assert (> c0 3))', 'sat'],
    ['(assert (and (> c0 3) (< c0 4)))', 'unsat'],
    ['(assert (< c0 3))', 'sat'],
  ]) {
    const next = await tight.solve(`(declare-const c0 Int)${assertion}`)
    expect(next.status).toBe(status)
  }
  tight.close()
})

it('refuses what is no SMT-LIB and goes on', async () => {
  await expect(solver.solve('(assert nonsense)')).rejects.toThrow()
  const next = await solver.solve('(assert true)')
  expect(next.status).toBe('sat')
})

it('lets the process end by itself after close', async () => {
  const printed = await inProcess(`
    const solver = await openZ3()
    const answer = await solver.solve('(assert false)')
    solver.close()
    console.log(answer.status)`)
  expect(printed).toBe('unsat')
})

// Garbage is collected at any time, also while a thread of Z3 works with what would be released.
it('leaves nothing of Z3 to the garbage collector', async () => {
  const printed = await inProcess(`
    let left = 0
    const { register } = FinalizationRegistry.prototype
    FinalizationRegistry.prototype.register = function (...given) {
      left += 1
      return register.apply(this, given)
    }
    const solver = await openZ3()
    left = 0
    const answer = await solver.solve('(declare-const c0 Int)(assert (> c0 3))')
    console.log(answer.status, answer.values.c0, left)
    process.exit()`)
  expect(printed).toBe('sat 4 0')
})

async function inProcess(script: string): Promise<string> {
  const source = readFileSync(new URL('./z3-solver.ts', import.meta.url), 'utf8')
  const { outputText } = transpileModule(source, { compilerOptions: { module: ModuleKind.ESNext } })
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', outputText + script],
    { timeout: 20_000, cwd: fileURLToPath(new URL('.', import.meta.url)) },
  )
  return stdout.trim()
}
