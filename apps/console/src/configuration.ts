/** What the server that hands out the page says of its surroundings. */
export interface Configuration {
  /** The OpenID provider, to the letter of its `iss`. */
  readonly issuer: string
  readonly clientId: string
  /** For the style sheets that are made at run time. */
  readonly styleNonce: string
}

/** Reads the page's `<meta>` elements. */
export function readConfiguration(page: Document): Configuration {
  const named = (name: string): string =>
    page.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''
  return {
    issuer: named('sign-in-issuer'),
    clientId: named('sign-in-client'),
    styleNonce: named('style-nonce'),
  }
}
