/** How many files the line at the end of a run names. */
const shown = 10

/**
 * The line that keeps a run short: its slowest files with their seconds, loading and hooks included.
 *
 * @param durations milliseconds by path
 */
export function describeSlowest(durations) {
  const slowest = [...durations].toSorted(([, a], [, b]) => b - a).slice(0, shown)
  const all = [...durations.values()].reduce((sum, duration) => sum + duration, 0)
  const named = slowest.map(([path, duration]) => `${path} ${seconds(duration)}`)
  return `slowest of ${durations.size} files (${seconds(all)} s): ${named.join(', ')}`
}

/** Reporter of vitest that ends a run with {@link describeSlowest}. */
export default class SlowestFiles {
  durations = new Map()

  onTestModuleEnd(module) {
    const { collectDuration, setupDuration, duration } = module.diagnostic()
    this.durations.set(module.relativeModuleId, collectDuration + setupDuration + duration)
  }

  onTestRunEnd() {
    if (this.durations.size > 1) console.log(describeSlowest(this.durations))
  }
}

function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(1)
}
