import type { ItemOf } from '../../lists/use-list.js'

type Delivery = Pick<ItemOf<'/api/v1/integrations/deliveries'>, 'destinationId' | 'destinationName'>

/** What the destination of a delivery is called; the end of its id where it cannot be seen. */
export function nameOfDestination({ destinationId, destinationName }: Delivery): string {
  return destinationName ?? destinationId.slice(-8)
}

/** Its page. */
export function toDestination({ destinationId }: Delivery): string {
  return `/integrations/${destinationId}`
}
