import type { ReactNode } from 'react'
import { DeliveryList } from './delivery-list.js'

/** Deliveries to all destinations of the tenant. */
export function Page(): ReactNode {
  return <DeliveryList />
}
