import type { FieldProblem } from '../api/api-problem.js'
import { ApiProblem } from '../api/api-problem.js'
import type { Answer, Breakdown } from './answers.js'
import { automaticPoints, openQuestions } from './answers.js'
import type { VersionContent } from './version-content.js'

/** Points that somebody gives for one question. */
export interface GivenPoints {
  readonly question: string
  readonly points: number
}

/**
 * The points of every question: choices by their right answers, texts by whoever read them.
 *
 * @throws {ApiProblem} INVALID_REQUEST unless every answered text gets points once, no more than it
 * is worth, and nothing else does.
 */
export function scoreOf(
  content: VersionContent,
  answers: readonly Answer[],
  given: readonly GivenPoints[],
): Breakdown {
  const open = new Map(openQuestions(content, answers).map((each) => [each.key, each]))
  const judged: Record<string, number> = {}
  const errors = given.flatMap(({ question, points }, index): FieldProblem[] => {
    const at = `/body/points/${String(index)}`
    const found = open.get(question)
    if (found === undefined) {
      return [{ pointer: `${at}/question`, detail: 'is no text that was answered' }]
    }
    if (judged[question] !== undefined) {
      return [{ pointer: `${at}/question`, detail: 'is scored twice' }]
    }
    judged[question] = points
    if (points <= found.points) return []
    return [{ pointer: `${at}/points`, detail: `must be at most ${String(found.points)}` }]
  })
  const missing = [...open.keys()].filter((key) => judged[key] === undefined)
  if (missing.length > 0) {
    errors.push({ pointer: '/body/points', detail: `must score ${missing.join(', ')}` })
  }
  if (errors.length > 0) {
    throw new ApiProblem('INVALID_REQUEST', 'the points do not fit the answers', errors)
  }
  return { ...automaticPoints(content, answers), ...judged }
}
