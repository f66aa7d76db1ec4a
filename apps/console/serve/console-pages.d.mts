/** Paths that are pages of the console, as Fastify writes them; what is below `/assets` is a file. */
export declare const pagePaths: readonly string[]

/** Of every answer, pages and files alike. */
export declare const fileHeaders: Readonly<Record<string, string>>

/** A page to answer with. */
export interface ServedPage {
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Prepares the page: who serves it fills in where people sign in, and each answer has a fresh nonce
 * for the style sheets of its components.
 *
 * @param template `index.html` of the bundled console
 */
export declare function preparePage(
  template: string,
  signIn: { readonly issuer: string; readonly clientId: string },
): () => ServedPage
