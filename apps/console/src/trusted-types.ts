interface PolicyFactory {
  createPolicy(name: string, rules: { createHTML(text: string): string }): unknown
}

/**
 * Lets text without markup through where a library sets `innerHTML`: the style sheets of Mantine. All
 * else is refused by the browser, as the page's policy demands trusted types.
 *
 * @see https://www.w3.org/TR/trusted-types/#default-policy-hdr
 */
export function installTrustedTypes(): void {
  const factory = (window as { trustedTypes?: PolicyFactory }).trustedTypes
  factory?.createPolicy('default', {
    createHTML(text) {
      if (text.includes('<')) throw new TypeError('markup is never made of text here')
      return text
    },
  })
}
