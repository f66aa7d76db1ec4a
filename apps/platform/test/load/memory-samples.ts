/** Memory of the server process while it was under load. */
export interface MemoryFigures {
  readonly samples: number
  /** Resident set, highest, in MB. */
  readonly highest: number
  /** Of the resident set after the first third of the time, in MB a minute. */
  readonly slope: number
}

/** Collects the resident set of a server as it tells itself under `/metrics`. */
export class MemorySamples {
  readonly #url: string
  readonly #samples: { readonly minute: number; readonly megabytes: number }[] = []
  readonly #start = performance.now()

  constructor(url: string) {
    this.#url = url
  }

  async take(): Promise<void> {
    const reply = await fetch(`${this.#url}/metrics`).catch(() => null)
    if (reply === null) return
    const [, bytes] = /^process_resident_memory_bytes (\S+)/m.exec(await reply.text()) ?? []
    if (bytes === undefined) return
    const minute = (performance.now() - this.#start) / 60_000
    this.#samples.push({ minute, megabytes: Number(bytes) / 2 ** 20 })
  }

  figures(): MemoryFigures {
    const end = this.#samples.at(-1)?.minute ?? 0
    const warm = this.#samples.filter(({ minute }) => minute > end / 3)
    const mean = (pick: (sample: (typeof warm)[number]) => number): number =>
      warm.reduce((sum, sample) => sum + pick(sample), 0) / Math.max(warm.length, 1)
    const at = mean(({ minute }) => minute)
    const of = mean(({ megabytes }) => megabytes)
    const across = mean(({ minute, megabytes }) => (minute - at) * (megabytes - of))
    const spread = mean(({ minute }) => (minute - at) ** 2)
    return {
      samples: this.#samples.length,
      highest: Math.max(0, ...this.#samples.map(({ megabytes }) => megabytes)),
      slope: spread === 0 ? 0 : across / spread,
    }
  }
}
