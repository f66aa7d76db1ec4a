import { describe, expect, it } from 'vitest'
import { headersOf, signMessage } from './webhook-signature.js'

// The example of the specification, https://github.com/standard-webhooks/standard-webhooks
const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
}
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

describe('a webhook', () => {
  it('is signed as the specification of Standard Webhooks has it', () => {
    expect(signMessage(message, secret)).toBe(signature)
  })

  it('has another signature for another id, time, body or secret', () => {
    const others = [
      signMessage({ ...message, id: 'msg_2' }, secret),
      signMessage({ ...message, timestamp: message.timestamp + 1 }, secret),
      signMessage({ ...message, body: '{}' }, secret),
      signMessage(message, 'a secret that is used as it is'),
    ]
    expect(new Set([signature, ...others]).size).toBe(5)
  })

  it.each([
    ['hmac', { 'webhook-signature': signature }],
    ['bearer', { authorization: `Bearer ${secret}` }],
    ['basic', { authorization: `Basic ${Buffer.from(secret).toString('base64')}` }],
  ] as const)('uses a credential of kind %s for that and nothing else', (kind, headers) => {
    expect(headersOf(message, { kind, secret })).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      ...headers,
    })
  })

  it.each([
    ['hmac', 'short'],
    ['hmac', 'whsec_'],
    ['bearer', 'a\r\nx-injected: 1'],
    ['basic', 'ünï'],
    ['bearer', ''],
  ] as const)('refuses a credential of kind %s that cannot be used', (kind, unusable) => {
    expect(() => headersOf(message, { kind, secret: unusable })).toThrow(
      expect.objectContaining({ failure: 'credential' }),
    )
  })
})
