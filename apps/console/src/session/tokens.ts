/** Tokens of the provider. SECURITY: they live in this closure alone, never in any storage. */
export interface ProviderTokens {
  readonly accessToken: string
  readonly idToken: string | null
  readonly refreshToken: string | null
  /** Of the access token, in milliseconds of the epoch. */
  readonly expiresAt: number
}

/** The token of the place, and when it ends, in milliseconds of the epoch. */
export interface PlaceToken {
  readonly token: string
  readonly expiresAt: number
}
