import { createHash, createHmac } from 'node:crypto'

/** A key in the hands of a test: the secret need not be one that the database knows. */
export interface ForgingKey {
  readonly kid: string
  readonly secret: Uint8Array
}

/** The claims of a token as the kernel reads them; a test may put anything there. */
export type RawClaims = Readonly<Record<string, unknown>>

/** A context that must not be accepted, with the reason as the name of its test case. */
export interface Forgery {
  readonly name: string
  readonly token: string
}

/** Signs any text, well-formed or not, as the holder of the key could. */
function signText(signed: string, { secret }: Pick<ForgingKey, 'secret'>): string {
  return `${createHmac('sha256', secret).update(signed).digest('hex')}.${signed}`
}

/** A token for these claims: `m` mode, `e` expiry, `t` tenant, `u` user, `o` org scope, `ou` org unit, `g` grant, `c` capabilities. */
export function tokenOf(claims: RawClaims, key: ForgingKey, version = 'v2'): string {
  return signText(`${key.kid}.${payloadOf(claims, version)}`, key)
}

/** The fields after the key id; what is no text is written as JavaScript prints it. */
function payloadOf(claims: RawClaims, version = 'v2'): string {
  const text = (claim: unknown): string => (claim === undefined ? '' : String(claim))
  const fields = ['e', 't', 'u', 'o', 'ou', 'g', 'c'].map((name) => text(claims[name]))
  return [`${version}-${text(claims['m'])}`, ...fields].join('.')
}

/** What a forger has to work with: honest claims of two tenants, and keys of every kind. */
export interface Forge {
  readonly claims: RawClaims
  readonly others: RawClaims
  readonly key: ForgingKey
  /** Valid too, under another id. */
  readonly second: ForgingKey
  /** Known to the database, but no longer. */
  readonly retired: ForgingKey
  readonly revoked: ForgingKey
  readonly now: number
}

/** Ways to get at `claims` without having been given a token for them. */
export function forgeries(forge: Forge): readonly Forgery[] {
  return [...withoutKey(forge), ...damaged(forge), ...withOtherKeys(forge), ...otherVersions(forge)]
}

function withoutKey({ claims, key, others }: Forge): readonly Forgery[] {
  const payload = payloadOf(claims)
  const signed = `${key.kid}.${payload}`
  const mac = tokenOf(others, key).slice(0, 64)
  const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()
  const hex = (data: string | Buffer): string => sha256(data).toString('hex')
  const keyed = (secret: string): string => signText(signed, { secret: Buffer.from(secret) })
  const keyless = `none.${payload}`
  return [
    { name: 'nothing at all', token: '' },
    { name: 'claims alone', token: payload },
    { name: 'no MAC', token: signed },
    { name: 'an empty MAC', token: `.${signed}` },
    { name: 'a MAC of zeros', token: `${'0'.repeat(64)}.${signed}` },
    { name: 'null for a MAC', token: `null.${signed}` },
    { name: 'a plain digest for a MAC', token: `${hex(signed)}.${signed}` },
    { name: 'a digest without pads', token: `${hex(sha256(signed))}.${signed}` },
    { name: 'no key at all', token: `${hex(sha256(keyless))}.${keyless}` },
    { name: 'an empty key', token: keyed('') },
    { name: 'the key id for a key', token: keyed(key.kid) },
    { name: 'a key of zeros', token: keyed('\0'.repeat(64)) },
    { name: 'the MAC of another token', token: `${mac}.${signed}` },
    { name: 'an SQL expression', token: `' or '1'='1` },
    { name: 'format signs', token: `${'%'.repeat(64)}.%s.$.` },
    { name: 'claims in the JSON of version 1', token: versionOne(claims, key) },
  ]
}

/** What version 1 of the layer took: the same MAC, over `v1.<kid>.<JSON>`, at the end. */
function versionOne({ m, e, t, u, o }: RawClaims, { kid, secret }: ForgingKey): string {
  const signed = `v1.${kid}.${JSON.stringify({ m, e, t, u, o })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('hex')}`
}

function damaged({ claims, others, key, second }: Forge): readonly Forgery[] {
  const token = tokenOf(claims, key)
  const other = tokenOf(others, key)
  const [mac, signed] = [token.slice(0, 64), token.slice(65)]
  const tails = ['0', ' ', '\n', '\t', '.', ',', '\\', "'", '\u00a0', '\u200b', `.${mac}`, other]
  const heads = [' ', '\n', '\ufeff', '.', 'v2.', 'v', `${other}.`]
  const separators = [':', ',', ' ', '\u2024', '..', '']
  return [
    ...tails.map((tail) => ({ name: `followed by ${JSON.stringify(tail)}`, token: token + tail })),
    ...heads.map((head) => ({ name: `led by ${JSON.stringify(head)}`, token: head + token })),
    ...separators
      .flatMap((sign) => [
        { name: `${JSON.stringify(sign)} after the MAC`, token: `${mac}${sign}${signed}` },
        { name: `${JSON.stringify(sign)} as every separator`, token: token.replaceAll('.', sign) },
        {
          name: `${JSON.stringify(sign)} after the key id`,
          token: token.replace(`.${key.kid}.`, `.${key.kid}${sign}`),
        },
      ])
      .filter((forgery) => forgery.token !== token),
    ...Object.keys(claims).flatMap((field) =>
      JSON.stringify(claims[field]) === JSON.stringify(others[field])
        ? []
        : [
            {
              name: `claim ${field} replaced`,
              token: `${mac}.${key.kid}.${payloadOf({ ...claims, [field]: others[field] })}`,
            },
          ],
    ),
    { name: 'an upper-case MAC', token: `${mac.toUpperCase()}.${signed}` },
    { name: 'a MAC in base64', token: `${Buffer.from(mac, 'hex').toString('base64')}.${signed}` },
    { name: 'half a MAC', token: `${mac.slice(0, 32)}.${signed}` },
    { name: 'the MAC twice', token: `${mac}${mac}.${signed}` },
    { name: 'the MAC twice with a point', token: `${mac}.${mac}.${signed}` },
    { name: 'white space in the claims', token: token.replace('v2-', 'v2 -') },
    { name: 'claims written twice', token: `${token}.${payloadOf(claims)}` },
    { name: 'another claim appended', token: `${token},admin` },
    { name: 'the claims of one and the MAC of another', token: `${other.slice(0, 64)}.${signed}` },
    {
      name: 'the key id of another valid key',
      token: token.replace(`.${key.kid}.`, `.${second.kid}.`),
    },
    { name: 'no key id', token: token.replace(`.${key.kid}.`, '..') },
    { name: 'two key ids', token: token.replace(`.${key.kid}.`, `.${key.kid}.${second.kid}.`) },
  ]
}

/** A token cut at every place from either end, and tokens of a megabyte. */
export function cutsAndGiants({ claims, key }: Forge): readonly Forgery[] {
  const token = tokenOf(claims, key)
  const mac = token.slice(0, 64)
  const cuts = Array.from({ length: token.length }, (_, length) => ({
    name: `cut to ${length} characters`,
    token: token.slice(0, length),
  }))
  return [
    ...cuts,
    ...cuts.slice(1).map((_cut, index) => ({
      name: `without its first ${index + 1} characters`,
      token: token.slice(index + 1),
    })),
    { name: 'a megabyte of claims', token: `${mac}.${key.kid}.v2-member.${'9'.repeat(1_000_000)}` },
    { name: 'a megabyte after the claims', token: token + 'a'.repeat(1_000_000) },
    { name: 'a megabyte of separators', token: '.'.repeat(1_000_000) },
  ]
}

function withOtherKeys(forge: Forge): readonly Forgery[] {
  const { claims, key, second, retired, revoked } = forge
  const wrong = { kid: key.kid, secret: Buffer.alloc(32, 7) }
  return [
    { name: 'a wrong key', token: tokenOf(claims, wrong) },
    {
      name: 'another valid key under this id',
      token: tokenOf(claims, { ...second, kid: key.kid }),
    },
    {
      name: 'a key with one byte more',
      token: tokenOf(claims, { kid: key.kid, secret: Buffer.concat([key.secret, Buffer.of(1)]) }),
    },
    { name: 'a retired key', token: tokenOf(claims, retired) },
    { name: 'a revoked key', token: tokenOf(claims, revoked) },
    ...['unknown', '', key.kid.toUpperCase(), `${key.kid} `, '%', '_', `${key.kid}'--`, '*'].map(
      (kid) => ({ name: `key id ${JSON.stringify(kid)}`, token: tokenOf(claims, { ...key, kid }) }),
    ),
  ]
}

function otherVersions({ claims, key }: Forge): readonly Forgery[] {
  const versions = [
    'v1',
    'v0',
    'v3',
    'V2',
    'v2 ',
    ' v2',
    'v22',
    'v02',
    '2',
    '',
    'v2.0',
    'v\u0662',
    'v2\n',
  ]
  return versions.map((version) => ({
    name: `version ${JSON.stringify(version)}, properly signed`,
    token: tokenOf(claims, key, version),
  }))
}

/** Properly signed tokens that say nothing the kernel may act on. */
export function emptyPromises({ claims, key, now }: Forge): readonly Forgery[] {
  const expiries: readonly unknown[] = [
    now - 1,
    0,
    -1,
    -9e15,
    '-Infinity',
    // Milliseconds, and numbers without an end: they would hardly ever pass.
    Date.now() + 3_600_000,
    '9000000000000000000',
    'Infinity',
  ]
  const modes: readonly unknown[] = [undefined, 'admin', '', 'Member', 'member ', null, true, {}]
  return [
    ...expiries.map((e) => ({
      name: `expiry ${String(e)}`,
      token: tokenOf({ ...claims, e }, key),
    })),
    ...modes.map((m) => ({
      name: m === undefined ? 'no mode' : `mode ${JSON.stringify(m)}`,
      token: tokenOf({ ...claims, m }, key),
    })),
    ...['', '.', '.........', 'null', 'member'].map((payload) => ({
      name: `claims ${JSON.stringify(payload)}`,
      token: signText(`${key.kid}.${payload}`, key),
    })),
  ]
}

/** Properly signed, yet no number or no key: the statement may fail, and must not return anything. */
export function signedNonsense({ claims, key }: Forge): readonly Forgery[] {
  const { u: _user, ...userless } = claims
  return [
    ...['', 'soon', 'null', 'true', 'NaN', '9e999', `{"at":${'9'.repeat(9)}}`, '2099-01-01'].map(
      (e) => ({
        name: `expiry ${JSON.stringify(e)}`,
        token: tokenOf({ ...claims, e }, key),
      }),
    ),
    ...['', 'acme', '00000000-0000-0000-0000-00000000000', '\\', '\\000', '{a}', true, 5].map(
      (t) => ({ name: `tenant ${JSON.stringify(t)}`, token: tokenOf({ ...userless, t }, key) }),
    ),
  ]
}
