/**
 * Whether a path fits a glob: `*` and `?` stay inside a folder, `**` crosses folders, `{a,b}` is
 * either. A glob without a slash means files of that name in any folder.
 */
export function fitsGlob(path: string, glob: string): boolean {
  const clean = glob.replaceAll('\\', '/').replace(/^\.\//, '')
  const anchored = clean.includes('/') ? clean : `**/${clean}`
  return new RegExp(`^${patternOf(anchored)}$`, 'u').test(path)
}

function patternOf(glob: string): string {
  let pattern = ''
  let braces = 0
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob.charAt(at)
    if (glob.startsWith('**/', at)) {
      pattern += '(?:.*/)?'
      at += 2
    } else if (glob.startsWith('**', at)) {
      pattern += '.*'
      at += 1
    } else if (character === '*') pattern += '[^/]*'
    else if (character === '?') pattern += '[^/]'
    else if (character === '{' && glob.includes('}', at)) {
      braces += 1
      pattern += '(?:'
    } else if (character === '}' && braces > 0) {
      braces -= 1
      pattern += ')'
    } else if (character === ',' && braces > 0) pattern += '|'
    else pattern += character.replace(/[$()*+.?[\\\]^{|}/]/u, String.raw`\$&`)
  }
  return pattern
}

/** The path of a file as globs see it: below the working directory, with forward slashes. */
export function pathBelow(cwd: string, filename: string): string {
  const path = filename.replaceAll('\\', '/')
  const root = `${cwd.replaceAll('\\', '/').replace(/\/$/, '')}/`
  return path.startsWith(root) ? path.slice(root.length) : path
}
