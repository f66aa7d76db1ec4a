/** What a ticket or a place in a queue of one's own is for. */
export function ownTitle({ event }: { readonly event: { readonly title: string } | null }): string {
  return event?.title ?? 'an event that is gone'
}
