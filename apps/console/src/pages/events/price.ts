/** A price in its currency; zero is free. */
export function priceText({
  priceCents,
  currency,
}: {
  readonly priceCents: number
  readonly currency: string
}): string {
  if (priceCents === 0) return 'free'
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(priceCents / 100)
}
