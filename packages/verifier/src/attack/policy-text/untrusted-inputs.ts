import type { TenancyModel } from 'watertight/model'
import { settingsRead } from '../../expr/mentions.js'
import { claimTwinOf } from '../../graph/claim-twin.js'
import { contextSettings } from '../../lint/context-settings.js'
import type { Token } from '../../expr/tokens.js'
import type { PolicyReach } from './policy-reach.js'

/** What policies read that nobody but the client vouches for. */
export interface UntrustedInputs {
  /** Settings other than those of the declared context: any client can set them. */
  readonly settings: readonly string[]
  /** Paths into the claims of the context that lie beside no declared claim. */
  readonly claims: readonly (readonly string[])[]
  /** Every path into JSON that the texts follow. */
  readonly paths: readonly (readonly string[])[]
}

/** Settings and claims behind the policies that the model does not declare. */
export function untrustedInputs(model: TenancyModel, reach: PolicyReach): UntrustedInputs {
  const trusted = new Set(contextSettings(model))
  const settings = new Set(reach.all.flatMap((tokens) => settingsRead(tokens)))
  const paths = distinct(reach.all.flatMap((tokens) => jsonPaths(tokens)))
  const direct = distinct(reach.own.flatMap((tokens) => jsonPaths(tokens)))
  // A function may return a part of the claims, into which the condition then looks.
  const inner = reach.all
    .filter((tokens) => !reach.own.includes(tokens) && endsOpen(tokens))
    .flatMap((tokens) => jsonPaths(tokens))
  const joined = distinct(inner).flatMap((path) => direct.map((more) => [...path, ...more]))
  const isClaims = model.context.kind === 'jwt-claims' || claimOf(model) !== null
  return {
    settings: [...settings].filter(
      (name) =>
        name.includes('.') &&
        !trusted.has(name) &&
        !name.startsWith('watertight.') &&
        claimTwinOf(model, name) === null,
    ),
    claims: isClaims
      ? distinct([...paths, ...joined]).filter((path) => isUntrusted(model, path))
      : [],
    paths,
  }
}

function claimOf(model: TenancyModel): string | null {
  return model.context.kind === 'membership' ? model.context.user.claim : null
}

/** Whoever issues a token vouches for its own claims and for the object that holds a declared one. */
function isUntrusted(model: TenancyModel, path: readonly string[]): boolean {
  if (path.length < 2 || path.length > 4) return false
  const { context } = model
  const declared = context.kind === 'jwt-claims' ? [context.tenant, context.user] : [claimOf(model)]
  return declared
    .filter((pointer) => pointer !== null)
    .map((pointer) => pointer.split('/').slice(1))
    .every((trusted) => trusted[0] !== path[0])
}

function distinct(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const byText = new Map(paths.map((path) => [path.join('\0'), path]))
  return [...byText.values()].slice(0, 24)
}

/** Chains of `-> 'a' ->> 'b'` and `#>> '{a,b}'`. */
function jsonPaths(tokens: readonly Token[]): readonly (readonly string[])[] {
  const paths: string[][] = []
  let end = -1
  for (const [index, token] of tokens.entries()) {
    const step = stepAt(tokens, index, token)
    if (step === null) continue
    const last = paths.at(-1)
    if (end >= 0 && last !== undefined && isOneChain(tokens.slice(end + 1, index))) {
      last.push(...step.parts)
    } else {
      paths.push([...step.parts])
    }
    end = index + step.length
  }
  return paths
}

const closers: ReadonlySet<string> = new Set([')', '::', 'text', ';', 'end'])

/** The text yields JSON, not a value: it ends with `-> 'a'` and what closes it. */
function endsOpen(tokens: readonly Token[]): boolean {
  const at = tokens.findLastIndex(({ kind }) => kind === 'string')
  const isStep = tokens[at - 1]?.text === '->'
  return isStep && tokens.slice(at + 1).every(({ text }) => closers.has(text))
}

function stepAt(
  tokens: readonly Token[],
  index: number,
  token: Token,
): { parts: readonly string[]; length: number } | null {
  const next = tokens[index + 1]
  if ((token.text === '->' || token.text === '->>') && next?.kind === 'string') {
    return { parts: [next.text], length: 1 }
  }
  if (token.text !== '#' || next?.text !== '>') return null
  const list = tokens.slice(index + 2, index + 4).find((each) => each.kind === 'string')
  if (list === undefined) return null
  const parts = list.text.replace(/[{}"]/g, '').split(',')
  return { parts, length: tokens.indexOf(list) - index }
}

function isOneChain(between: readonly Token[]): boolean {
  return between.every(
    ({ text }, index) => text === ')' || text === '::' || between[index - 1]?.text === '::',
  )
}
