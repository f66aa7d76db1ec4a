/** Whose key it is, for what, and which of its versions: bound into everything that it protects. */
export interface KeyContext {
  readonly tenantId: string
  readonly purpose: string
  /** From 1 on. */
  readonly version: number
}

/**
 * Holds tenants' keys and wraps data keys with them; keys never leave it unwrapped. References are
 * text that the caller keeps: every method that changes a key resolves with the reference that is
 * to be kept in place of the old one.
 */
export interface KeyProvider {
  /** Stored with a reference, so that the right provider is asked later: `local`, `aws-kms`. */
  readonly name: string
  /** Makes a key and resolves with its reference. */
  create(context: KeyContext): Promise<string>
  /**
   * @throws KEY_DISABLED, KEY_DESTROYED; KEY_PROVIDER_FAILED when it does not answer.
   */
  wrap(reference: string, context: KeyContext, dataKey: Uint8Array): Promise<Uint8Array>
  /**
   * @throws SEAL_BROKEN when it was wrapped for another context, with another key, or altered; as
   * {@link KeyProvider.wrap}.
   */
  unwrap(reference: string, context: KeyContext, wrapped: Uint8Array): Promise<Uint8Array>
  /** @throws KEY_DESTROYED, KEY_PROVIDER_FAILED. */
  disable(reference: string, context: KeyContext): Promise<string>
  /** @throws KEY_DESTROYED, KEY_PROVIDER_FAILED. */
  enable(reference: string, context: KeyContext): Promise<string>
  /** For good: nothing that the key wrapped is ever unwrapped with the reference it resolves with. */
  destroy(reference: string, context: KeyContext): Promise<string>
}
