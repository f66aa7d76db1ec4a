/** Ids that one request of the API takes. */
const mostIds = 50

interface Deferred<Value> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: unknown) => void
}

function deferred<Value>(): Deferred<Value> {
  let resolve: Deferred<Value>['resolve'] = () => undefined
  let reject: Deferred<Value>['reject'] = () => undefined
  const promise = new Promise<Value>((fulfil, fail) => {
    resolve = fulfil
    reject = fail
  })
  return { promise, resolve, reject }
}

/**
 * Reads objects by their ids, those that are asked for at the same time with one request.
 *
 * @param read what is there of some ids; what the caller may not see is not
 * @returns the object of an id, null when it is not there
 */
export function createBatch<Value>(
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): (id: string) => Promise<Value | null> {
  let waiting = new Map<string, Deferred<Value | null>>()
  const send = async (asked: ReadonlyMap<string, Deferred<Value | null>>): Promise<void> => {
    try {
      const values = await read([...asked.keys()])
      for (const [id, { resolve }] of asked) resolve(values.get(id) ?? null)
    } catch (error) {
      for (const { reject } of asked.values()) reject(error)
    }
  }
  const flush = (): void => {
    const asked = [...waiting]
    waiting = new Map()
    for (let at = 0; at < asked.length; at += mostIds) {
      void send(new Map(asked.slice(at, at + mostIds)))
    }
  }
  return (id) => {
    if (waiting.size === 0) setTimeout(flush, 5)
    const known = waiting.get(id)
    if (known !== undefined) return known.promise
    const one = deferred<Value | null>()
    waiting.set(id, one)
    return one.promise
  }
}
