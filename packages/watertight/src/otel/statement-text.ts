/** Longest text that is kept, in characters. */
const longest = 4096

const token =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|((?:\b[eE]'(?:\\[\s\S]|''|[^'\\])*(?:'|$))|(?:\b[uU]&|\b[bBxXnN])?'(?:''|[^'])*(?:'|$))|(\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\4\$|$))|("(?:""|[^"])*(?:"|$)|\$\d+|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|((?:0[xXoObB][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d[\d_]*(?:[eE][+-]?\d+)?))/g

/**
 * A statement without its constants: literals become `?`, comments go, names and parameters stay.
 * A text whose quotes do not end loses what follows them.
 *
 * @example
 * ```ts
 * withoutValues("select * from t where a = 'x' and b = $1") // select * from t where a = ? and b = $1
 * ```
 */
export function withoutValues(text: string): string {
  return text
    .replace(
      token,
      (
        whole: string,
        comment?: string,
        quoted?: string,
        dollars?: string,
        _tag?: string,
        name?: string,
      ) => {
        if (comment !== undefined) return ' '
        if (quoted !== undefined || dollars !== undefined) return '?'
        return name === undefined ? '?' : whole
      },
    )
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, longest)
}
