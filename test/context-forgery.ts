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
export function signText(signed: string, { secret }: Pick<ForgingKey, 'secret'>): string {
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('hex')}`
}

/** A token for these claims. */
export function tokenOf(claims: RawClaims, key: ForgingKey, version = 'v1'): string {
  return signText(`${version}.${key.kid}.${JSON.stringify(claims)}`, key)
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
  const payload = JSON.stringify(claims)
  const signed = `v1.${key.kid}.${payload}`
  const mac = tokenOf(others, key).slice(-64)
  const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()
  const digestOf = (text: string): string => `${text}.${sha256(sha256(text)).toString('hex')}`
  const keyed = (secret: string): string => signText(signed, { secret: Buffer.from(secret) })
  return [
    { name: 'nothing at all', token: '' },
    { name: 'claims alone', token: payload },
    { name: 'no MAC', token: signed },
    { name: 'an empty MAC', token: `${signed}.` },
    { name: 'a MAC of zeros', token: `${signed}.${'0'.repeat(64)}` },
    { name: 'null for a MAC', token: `${signed}.null` },
    { name: 'a plain digest for a MAC', token: `${signed}.${sha256(signed).toString('hex')}` },
    { name: 'a digest without pads', token: `${signed}.${sha256(sha256(signed)).toString('hex')}` },
    { name: 'no key at all', token: digestOf(`v1.none.${payload}`) },
    { name: 'an empty key', token: keyed('') },
    { name: 'the key id for a key', token: keyed(key.kid) },
    { name: 'a key of zeros', token: keyed('\0'.repeat(64)) },
    { name: 'the MAC of another token', token: `${signed}.${mac}` },
    { name: 'an SQL expression', token: `' or '1'='1` },
    { name: 'jsonpath and format signs', token: `v1.%s.$.${'%'.repeat(64)}` },
  ]
}

function damaged({ claims, others, key, second }: Forge): readonly Forgery[] {
  const token = tokenOf(claims, key)
  const other = tokenOf(others, key)
  const [signed, mac] = [token.slice(0, -65), token.slice(-64)]
  const tails = ['0', ' ', '\n', '\t', '.', '\\', "'", '\u00a0', '\u200b', `.${mac}`, other]
  const heads = [' ', '\n', '\ufeff', '.', 'v1.', 'v', `${other}.`]
  const separators = [':', ',', ' ', '\u2024', '..', '']
  const swapped = (field: string): string =>
    `v1.${key.kid}.${JSON.stringify({ ...claims, [field]: others[field] })}.${mac}`
  return [
    ...tails.map((tail) => ({ name: `followed by ${JSON.stringify(tail)}`, token: token + tail })),
    ...heads.map((head) => ({ name: `led by ${JSON.stringify(head)}`, token: head + token })),
    ...separators
      .flatMap((sign) => [
        { name: `${JSON.stringify(sign)} before the MAC`, token: `${signed}${sign}${mac}` },
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
        : [{ name: `claim ${field} replaced`, token: swapped(field) }],
    ),
    { name: 'an upper-case MAC', token: `${signed}.${mac.toUpperCase()}` },
    { name: 'a MAC in base64', token: `${signed}.${Buffer.from(mac, 'hex').toString('base64')}` },
    { name: 'half a MAC', token: `${signed}.${mac.slice(0, 32)}` },
    { name: 'the MAC twice', token: `${signed}.${mac}${mac}` },
    { name: 'white space in the claims', token: token.replace(',', ', ') },
    { name: 'claims written twice', token: token.replace('{', '{"e":9000000000,') },
    { name: 'another claim appended', token: token.replace('}', ',"c":["admin"]}') },
    { name: 'the claims of one and the MAC of another', token: `${signed}.${other.slice(-64)}` },
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
  const mac = token.slice(-64)
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
    { name: 'a megabyte of claims', token: `v1.${key.kid}.${'{'.repeat(1_000_000)}.${mac}` },
    { name: 'a megabyte after the MAC', token: token + 'a'.repeat(1_000_000) },
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
    'v2',
    'v0',
    'V1',
    'v1 ',
    ' v1',
    'v11',
    'v01',
    '1',
    '',
    'v1.0',
    'v\u0661',
    'v1\n',
  ]
  return versions.map((version) => ({
    name: `version ${JSON.stringify(version)}, properly signed`,
    token: tokenOf(claims, key, version),
  }))
}

/** Properly signed tokens that say nothing the kernel may act on. */
export function emptyPromises({ claims, key, now }: Forge): readonly Forgery[] {
  const { e: _expiry, ...lasting } = claims
  const { m: _mode, ...modeless } = claims
  const raw = (payload: string): string => signText(`v1.${key.kid}.${payload}`, key)
  const expiries: readonly unknown[] = [
    now - 1,
    0,
    -1,
    -9e15,
    null,
    true,
    'soon',
    '',
    '9999999999',
    [9e9],
    { at: 9e9 },
    // Milliseconds, and numbers without an end: they would hardly ever pass.
    Date.now() + 3_600_000,
    9e18,
    1e300,
  ]
  const modes: readonly unknown[] = ['admin', '', 'Member', 'member ', null, true, ['member'], {}]
  return [
    { name: 'no expiry', token: tokenOf(lasting, key) },
    ...expiries.map((e) => ({
      name: `expiry ${JSON.stringify(e)}`,
      token: tokenOf({ ...claims, e }, key),
    })),
    {
      name: 'an expiry beyond every number',
      token: raw(JSON.stringify(claims).replace(/"e":\d+/, '"e":1e999')),
    },
    { name: 'no mode', token: tokenOf(modeless, key) },
    ...modes.map((m) => ({
      name: `mode ${JSON.stringify(m)}`,
      token: tokenOf({ ...claims, m }, key),
    })),
    ...[
      'null',
      '[]',
      '""',
      '5',
      'true',
      JSON.stringify([claims]),
      JSON.stringify(JSON.stringify(claims)),
    ].map((payload) => ({ name: `claims ${payload.slice(0, 20)}`, token: raw(payload) })),
  ]
}

/** Properly signed, yet no JSON or no key: the statement may fail, and must not return anything. */
export function signedNonsense({ claims, key }: Forge): readonly Forgery[] {
  const { u: _user, ...userless } = claims
  const raw = (payload: string): string => signText(`v1.${key.kid}.${payload}`, key)
  return [
    { name: 'claims that are no JSON', token: raw('{"m":') },
    { name: 'no claims', token: raw('') },
    { name: 'a NUL in the claims', token: raw('{"m":"\\u0000"}') },
    { name: 'half a surrogate pair in the claims', token: raw('{"m":"\\ud800"}') },
    { name: 'JSON deeper than the stack', token: raw('['.repeat(100_000)) },
    ...['', 'acme', '00000000-0000-0000-0000-00000000000', ['a'], { a: 1 }, true, 5].map((t) => ({
      name: `tenant ${JSON.stringify(t)}`,
      token: tokenOf({ ...userless, t }, key),
    })),
  ]
}
