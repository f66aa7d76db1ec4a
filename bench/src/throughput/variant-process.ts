import { adapterOf } from './adapters.js'
import { Variant } from './variant.js'
import type { VariantReply, VariantRequest } from './variant-start.js'

/* The process of one variant: opens it, then answers the parent's requests one after the other. */

let variant: Variant | null = null

process.on('message', (request: VariantRequest) => {
  answer(request).then(
    (value) => reply({ kind: 'value', value }),
    (error: unknown) => {
      reply({ kind: 'error', message: error instanceof Error ? error.message : String(error) })
    },
  )
})

function reply(message: VariantReply): void {
  process.send?.(message)
}

async function answer(request: VariantRequest): Promise<unknown> {
  if (request.kind === 'start') {
    const { adapter, target, size } = request.start
    variant = await Variant.open(adapterOf(adapter), target, size)
    return null
  }
  if (variant === null) throw new Error('the variant was not started')
  switch (request.kind) {
    case 'canary':
      return variant.canary()
    case 'measure':
      return variant.measure(request.workload, request.ms, request.callers)
    case 'close':
      return variant.close()
  }
}
