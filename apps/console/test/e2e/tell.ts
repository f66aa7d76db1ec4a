/** Prints a figure that a test measures and does not judge. */
export function tell(text: string): void {
  process.stdout.write(`${text}\n`)
}
