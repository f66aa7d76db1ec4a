import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { canonicalJson } from '../src/api/canonical-json.js'

/** A server that speaks the JSON protocol of AWS KMS, with real keys that live as long as it does. */
export interface KmsServer {
  readonly endpoint: string
  /** Operations that were asked for, as `TrentService.Encrypt`, with their bodies. */
  readonly calls: readonly { readonly target: string; readonly body: Request }[]
  close(): Promise<void>
}

type Request = Readonly<Record<string, unknown>>

interface Key {
  readonly id: string
  readonly material: Buffer
  state: 'Enabled' | 'Disabled' | 'PendingDeletion'
}

/** An error as KMS names it. */
class KmsFault extends Error {
  override readonly name: string
  constructor(name: string) {
    super(name)
    this.name = name
  }
}

const idBytes = 36

export async function startKmsServer(): Promise<KmsServer> {
  const keys = new Map<string, Key>()
  const calls: { target: string; body: Request }[] = []

  const find = (reference: unknown): Key => {
    const key = keys.get(String(reference).split('/').at(-1) ?? '')
    if (key === undefined) throw new KmsFault('NotFoundException')
    return key
  }
  const usable = (reference: unknown): Key => {
    const key = find(reference)
    if (key.state === 'Disabled') throw new KmsFault('DisabledException')
    if (key.state === 'PendingDeletion') throw new KmsFault('KMSInvalidStateException')
    return key
  }
  const arn = (id: string): string => `arn:aws:kms:eu-central-1:111122223333:key/${id}`
  const bound = (body: Request): Buffer =>
    Buffer.from(canonicalJson(body['EncryptionContext'] ?? {}))

  const operations: Readonly<Record<string, (body: Request) => object>> = {
    CreateKey() {
      const id = randomUUID()
      keys.set(id, { id, material: randomBytes(32), state: 'Enabled' })
      return { KeyMetadata: { KeyId: id, Arn: arn(id), Enabled: true } }
    },
    Encrypt(body) {
      const { id, material } = usable(body['KeyId'])
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', material, nonce)
      cipher.setAAD(bound(body))
      const data = cipher.update(Buffer.from(String(body['Plaintext']), 'base64'))
      const blob = Buffer.concat([
        Buffer.from(id),
        nonce,
        data,
        cipher.final(),
        cipher.getAuthTag(),
      ])
      return { CiphertextBlob: blob.toString('base64'), KeyId: arn(id) }
    },
    Decrypt(body) {
      const key = usable(body['KeyId'])
      const blob = Buffer.from(String(body['CiphertextBlob']), 'base64')
      const of = keys.get(blob.subarray(0, idBytes).toString())
      if (of === undefined || blob.length < idBytes + 28) {
        throw new KmsFault('InvalidCiphertextException')
      }
      if (of !== key) throw new KmsFault('IncorrectKeyException')
      try {
        const nonce = blob.subarray(idBytes, idBytes + 12)
        const decipher = createDecipheriv('aes-256-gcm', key.material, nonce)
        decipher.setAAD(bound(body))
        decipher.setAuthTag(blob.subarray(-16))
        const data = decipher.update(blob.subarray(idBytes + 12, -16))
        const plain = Buffer.concat([data, decipher.final()])
        return { Plaintext: plain.toString('base64'), KeyId: arn(key.id) }
      } catch {
        throw new KmsFault('InvalidCiphertextException')
      }
    },
    DisableKey: (body) => move(body, 'Disabled'),
    EnableKey: (body) => move(body, 'Enabled'),
    ScheduleKeyDeletion: (body) => move(body, 'PendingDeletion'),
  }
  const move = (body: Request, state: Key['state']): object => {
    const key = find(body['KeyId'])
    if (key.state === 'PendingDeletion') throw new KmsFault('KMSInvalidStateException')
    key.state = state
    return {}
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const target = String(request.headers['x-amz-target'])
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Request
      calls.push({ target, body })
      const type = { 'content-type': 'application/x-amz-json-1.1' }
      try {
        const operation = operations[target.replace('TrentService.', '')]
        if (operation === undefined) throw new KmsFault('UnsupportedOperationException')
        const answer = operation(body)
        response.writeHead(200, type).end(JSON.stringify(answer))
      } catch (error) {
        const name = error instanceof Error ? error.name : 'KMSInternalException'
        response.writeHead(400, type).end(JSON.stringify({ __type: name, message: name }))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    calls,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
