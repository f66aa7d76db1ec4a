import { createHash } from 'node:crypto'
import type { DemoAccount } from './demo-account.js'

/** A page with the headers that go with it. */
export interface Page {
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 24rem; margin: 12vh auto; padding: 0 1rem }
h1 { font-size: 1.25rem }
label { display: block; margin-top: 1rem; font-weight: 600 }
input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit }
button { margin: 1.5rem .5rem 0 0; padding: .5rem 1.25rem; font: inherit; cursor: pointer }
[role=alert] { padding: .5rem .75rem; border: 1px solid #c33; border-radius: .25rem }
`

const styleHash = createHash('sha256').update(style).digest('base64')

/**
 * The login page: an address out of the accounts of the demo, and its password.
 *
 * @param formTargets origins that the form may lead to: this one, and the client's redirect URI
 */
export function loginPage(
  accounts: readonly DemoAccount[],
  failed: { readonly email: string } | null,
  formTargets: readonly string[],
): Page {
  const options = accounts
    .map(({ email, name }) => `<option value="${escape(email)}">${escape(name)}</option>`)
    .join('')
  const alert =
    failed === null ? '' : '<p role="alert" id="problem">The address or the password is wrong.</p>'
  return page(
    'Sign in',
    `<h1>Sign in to the demo</h1>${alert}
<form method="post" autocomplete="on">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" list="accounts" required maxlength="254" autofocus
  autocomplete="username" value="${escape(failed?.email ?? '')}">
<datalist id="accounts">${options}</datalist>
<label for="password">Password</label>
<input id="password" name="password" type="password" required maxlength="200"
  autocomplete="current-password">
<button type="submit">Sign in</button>
<button type="submit" name="cancel" value="yes" formnovalidate>Cancel</button>
</form>`,
    formTargets,
  )
}

/** Asks whether to end the session; `form` is the provider's, with its token against forgery. */
export function logoutPage(form: string, formTargets: readonly string[]): Page {
  return page(
    'Sign out',
    `<h1>Sign out of the demo?</h1>${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button type="submit" form="op.logoutForm">Stay signed in</button>`,
    formTargets,
  )
}

/** Says one thing. */
export function messagePage(title: string, text: string): Page {
  return page(title, `<h1>${escape(title)}</h1><p>${escape(text)}</p>`, [])
}

function page(title: string, body: string, formTargets: readonly string[]): Page {
  const targets = ["'self'", ...formTargets].join(' ')
  return {
    html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><style>${style}</style></head>
<body><main>${body}</main></body></html>`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  }
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${String(character.codePointAt(0))};`)
}
