const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Text for XML or HTML, in content and in quoted attributes. What XML cannot hold, and what would
 * turn the direction of text or hide in it, becomes U+FFFD: names come from the checked database.
 */
export function escapeMarkup(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/\p{Cs}|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu, '\ufffd')
      .replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
      // SECURITY: a report may go to the log of GitHub Actions, whose runner obeys these.
      .replaceAll(/^(\s*):/gm, '$1&#58;')
      .replaceAll('##[', '##&#91;')
  )
}
