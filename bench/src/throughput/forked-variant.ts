import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Sample } from './variant.js'
import type { VariantReply, VariantRequest, VariantStart } from './variant-start.js'

/** A variant in a process of its own, so that no library pays for what another one loaded. */
export class ForkedVariant {
  readonly name: string
  readonly #child: ChildProcess
  readonly #ended: Promise<string>
  #end: string | null = null

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `exit code ${code}`}`))
      child.once('error', (error) => resolve(`cannot be used: ${error.message}`))
    })
    void this.#ended.then((reason) => {
      this.#end = reason
    })
  }

  static async open(start: VariantStart): Promise<ForkedVariant> {
    const child = fork(fileURLToPath(new URL('variant-process.js', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const variant = new ForkedVariant(start.adapter, child)
    try {
      await variant.#ask({ kind: 'start', start })
    } catch (error) {
      child.kill()
      throw error
    }
    return variant
  }

  /** Why its figures are invalid; empty when it keeps tenants apart. */
  canary(): Promise<readonly string[]> {
    return this.#ask({ kind: 'canary' }) as Promise<readonly string[]>
  }

  measure(workload: string, ms: number, callers: number): Promise<Sample> {
    return this.#ask({ kind: 'measure', workload, ms, callers }) as Promise<Sample>
  }

  async close(): Promise<void> {
    await this.#ask({ kind: 'close' }).catch(() => undefined)
    this.#child.kill()
    await this.#ended
  }

  /** Rejects also when the process is gone already, or goes without an answer. */
  async #ask(request: VariantRequest): Promise<unknown> {
    if (this.#end !== null) throw this.#gone(this.#end)
    const answer = new Promise((resolve, reject) => {
      const onReply = (reply: VariantReply): void => {
        if (reply.kind === 'value') resolve(reply.value)
        else reject(new Error(reply.message))
      }
      this.#child.once('message', onReply)
      void this.#ended.then((reason) => {
        this.#child.off('message', onReply)
        reject(this.#gone(reason))
      })
      this.#child.send(request, (error) => {
        if (error !== null) reject(error)
      })
    })
    return answer
  }

  #gone(reason: string): Error {
    return new Error(`the process of ${this.name} ${reason}`)
  }
}
