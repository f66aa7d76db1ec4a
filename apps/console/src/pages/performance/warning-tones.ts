import type { Tone } from '../../details/status.js'
import type { PerformanceReport } from './performance-report.js'

type Severity = PerformanceReport['warnings']['items'][number]['severity']

/** How warnings about plans are coloured. */
export const tones: Readonly<Record<Severity, Tone>> = { warning: 'waiting', info: 'ended' }
