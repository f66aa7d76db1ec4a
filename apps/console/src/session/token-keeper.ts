/** How long before its end a token is renewed, in milliseconds. */
const margin = 45_000

interface Ending {
  readonly expiresAt: number
}

/** A token that is renewed before it ends, once however many ask. */
export interface TokenKeeper<Token extends Ending> {
  /** The token of now; null when it cannot be renewed. */
  current(): Promise<Token | null>
  /** The last one there was. */
  latest(): Token
}

/** Keeps `first` until it is about to end, then what `renew` gives. */
export function keepToken<Token extends Ending>(
  first: Token,
  renew: (old: Token) => Promise<Token | null>,
): TokenKeeper<Token> {
  let token = first
  let renewing: Promise<Token | null> | null = null
  return {
    latest: () => token,
    current() {
      if (token.expiresAt - Date.now() > margin) return Promise.resolve(token)
      renewing ??= renew(token)
        .then((next) => {
          if (next !== null) token = next
          return next
        })
        .finally(() => {
          renewing = null
        })
      return renewing
    },
  }
}
