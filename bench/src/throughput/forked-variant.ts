import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Sample } from './variant.js'
import type { VariantReply, VariantRequest, VariantStart } from './variant-start.js'

/** A variant in a process of its own, so that no library pays for what another one loaded. */
export class ForkedVariant {
  readonly name: string
  readonly #child: ChildProcess

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
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
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    await this.#ask({ kind: 'close' }).catch(() => undefined)
    this.#child.kill()
    await ended
  }

  #ask(request: VariantRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#child.off('message', onReply)
        this.#child.off('exit', onExit)
      }
      const onReply = (reply: VariantReply): void => {
        settle()
        if (reply.kind === 'value') resolve(reply.value)
        else reject(new Error(reply.message))
      }
      const onExit = (code: number | null): void => {
        settle()
        reject(new Error(`the process of ${this.name} ended with exit code ${code}`))
      }
      this.#child.on('message', onReply)
      this.#child.on('exit', onExit)
      this.#child.send(request)
    })
  }
}
