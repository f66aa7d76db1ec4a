/** How long something lasts, in words: `2 h 5 min`. */
export function spanOf(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000)
  if (minutes < 60) return `${String(minutes)} min`
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours < 48)
    return rest === 0 ? `${String(hours)} h` : `${String(hours)} h ${String(rest)} min`
  return `${String(Math.floor(hours / 24))} days`
}
