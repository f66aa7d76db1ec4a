import type { ReactNode } from 'react'
import type { Tone } from '../../details/status.js'
import { Status } from '../../details/status.js'

const tones: Readonly<Record<string, Tone>> = {
  pending: 'waiting',
  approved: 'good',
  retired: 'ended',
}

/** The state of an asset. */
export function AssetStatus({ status }: { readonly status: string }): ReactNode {
  return <Status text={status} tone={tones[status] ?? 'ended'} />
}
