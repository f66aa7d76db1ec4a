import type { Relation } from 'watertight/catalog'
import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

const credential =
  /(^|_)(password|passwd|pwd|passphrase|passwort|kennwort|senha|contrasena|mot_de_passe|secret|private_?key|api_?key|access_?key|(refresh|access|auth|session|reset)_?token|totp|otp|recovery_?codes?)(_|$)/
/** Nobody can read it without a key that is elsewhere. */
const sealed = /(^|_)(ciphertext|encrypted|enc|sealed|wrapped|masked|redacted)(_|$)/
/** A digest of something random tells nothing; one of what people choose can be guessed. */
const digest = /(^|_)(hash|hashed|digest|hmac|fingerprint|checksum|sha\d+)(_|$)/
const chosenByPeople =
  /(^|_)(password|passwd|pwd|passphrase|passwort|kennwort|senha|contrasena|mot_de_passe)(_|$)/
/** Says something about a credential instead of being one. */
const about =
  /_(id|ids|ref|kid|name|label|hint|prefix|suffix|last\w*4?|version|alg|algorithm|type|kind|status|state|scope|scopes|url|uri|policy|owner)$/
const holdsText = /^(text|character|bytea|json|.*citext)/

/** Policies choose rows, not columns: whoever sees the row sees the credential in it. */
export const credentialColumn: CatalogRule = {
  kind: 'catalog',
  id: 'credential-column',
  title: 'A runtime role may read a column that holds a credential.',
  check: (input) =>
    input.tables.tables.flatMap(({ relation, name, scope }) => {
      if (scope === null || scope === 'global') return []
      return input.roles.flatMap(({ name: role, kind }) => {
        if (kind !== 'app' && kind !== 'public') return []
        const shown = secretsShown(input, role, relation)
        if (shown.length === 0) return []
        return [
          makeFinding({
            rule: 'credential-column',
            severity: 'warning',
            object: name,
            role,
            command: 'SELECT',
            message: `${role} may read ${listed(shown)} of ${name}: every session of the tenant sees it, and so does whoever gets one row too many.`,
            evidence: { columns: shown },
            ...fixOf(input, relation, role, shown),
          }),
        ]
      })
    }),
}

function secretsShown(input: LintInput, role: string, relation: Relation): readonly string[] {
  if (input.access.canOwn(role, relation)) return []
  const readable = input.access.columns(role, 'SELECT', relation)
  return relation.columns
    .filter(
      ({ name, baseType }) =>
        readable.includes(name) && holdsText.test(baseType) && isCredential(words(name)),
    )
    .map(({ name }) => name)
}

function isCredential(name: string): boolean {
  if (!credential.test(name) || sealed.test(name) || about.test(name)) return false
  return !digest.test(name) || chosenByPeople.test(name)
}

/** `passwordHash` as `password_hash`. */
function words(name: string): string {
  return name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase()
}

/**
 * The same grant, column by column; only where the role itself holds it on the whole table, and not
 * where the isolation layer grants tables as a whole and would count it as drift.
 */
function fixOf(
  input: LintInput,
  relation: Relation,
  role: string,
  shown: readonly string[],
): { fix: string } | { remedy: string } {
  if (input.model.context.kind === 'signed') {
    return {
      remedy: `Keep credentials in a table of their own whose declaration gives members no select (commands: [] and workerCommands), or accept the finding. \`plan\` grants whole tables: column grants made by hand are drift.`,
    }
  }
  const { reachable } = input.access.closure(role)
  const holders = relation.acl.filter(
    ({ grantee, isPublic, privilege }) =>
      privilege === 'SELECT' && (isPublic || reachable.has(grantee)),
  )
  const holds = holders.every(({ grantee, isPublic }) => !isPublic && grantee === role)
  const rest = relation.columns.filter(({ name }) => !shown.includes(name))
  if (!holds || holders.length === 0 || rest.length === 0) {
    return { remedy: `Grant ${role} SELECT on the other columns alone.` }
  }
  const table = qualifiedName(relation.schema, relation.name)
  const columns = joinSql(rest.map(({ name }) => ident(name)))
  return {
    fix: sql`revoke select on ${table} from ${ident(role)};
grant select (${columns}) on ${table} to ${ident(role)};`.text,
  }
}
