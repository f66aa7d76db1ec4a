import type { FlagWords, Place, VerbWords } from './completed-words.js'
import { quoted } from './completed-words.js'

/** Completions for zsh, by its `_describe` and `_arguments` (manual of zsh, chapter 20). */
export function zshCompletion(verbs: readonly VerbWords[]): string {
  return `#compdef watertight
# Completions of watertight for zsh: put this file as _watertight into a folder of $fpath, or source it.
_watertight() {
  if ((CURRENT == 2)) || [[ $words[2] == help ]]; then
    local -a verbs=(
${verbs.map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`).join('\n')}
    )
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  ((CURRENT -= 1))
  case $verb in
${verbs.map(verbCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _watertight ]]; then
  _watertight "$@"
else
  compdef _watertight watertight
fi
`
}

function verbCase({ name, flags, operands }: VerbWords): string {
  const specs = flags.map(flagSpec)
  const place = typeof operands === 'string' ? '*' : '1'
  if (operands !== 'nothing') specs.push(`${place}:argument:${actionOf(operands)}`)
  return [
    `  ${name})`,
    '    _arguments \\',
    specs.map((spec) => `      ${quoted(spec)}`).join(' \\\n'),
    '    ;;',
  ].join('\n')
}

function flagSpec({ name, summary, value, isRepeatable }: FlagWords): string {
  const text = `[${summary.replaceAll(/[[\]\\]/g, '\\$&')}]`
  if (value === 'nothing') return `--${name}${text}`
  return `${isRepeatable ? '*' : ''}--${name}=${text}:${name}:${actionOf(value)}`
}

function actionOf(place: Place): string {
  if (typeof place !== 'string') return `(${place.join(' ')})`
  return place === 'file' ? '_files' : ' '
}
