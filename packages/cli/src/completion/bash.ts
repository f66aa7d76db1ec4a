import type { Place, VerbWords } from './completed-words.js'
import { quoted } from './completed-words.js'

/**
 * Completions for bash, which need nothing but bash itself. Where the function has no words, readline
 * completes files (manual of bash, section 8.6).
 */
export function bashCompletion(verbs: readonly VerbWords[]): string {
  return `# Completions of watertight for bash: source this file, or put it among bash's completions.
_watertight() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  # Readline takes --flag=value for three words.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
    words=${quoted(verbs.map(({ name }) => name).join(' '))}
  else
    case \${COMP_WORDS[1]} in
    help) words=${quoted(verbs.map(({ name }) => name).join(' '))} ;;
${verbs.map(verbCase).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _watertight watertight
`
}

function verbCase({ name, flags, operands }: VerbWords): string {
  const names = flags.map((flag) => `--${flag.name}`).join(' ')
  const values = flags
    .filter(({ value }) => value !== 'nothing')
    .map((flag) => `      --${flag.name}) ${wordsOf(flag.value)} ;;`)
  return [
    `    ${name})`,
    '      case $before in',
    ...values,
    '      *)',
    `        words=${quoted(names)}`,
    ...operandLines(operands),
    '        ;;',
    '      esac',
    '      ;;',
  ].join('\n')
}

/** A verb without operands has nothing but flags to offer, and so has one behind its first word. */
function operandLines(operands: Place): string[] {
  if (operands === 'nothing') return []
  const isLate = typeof operands === 'string' ? '' : ' || ((COMP_CWORD > 2))'
  return [`        [[ $word == -* ]]${isLate} || ${wordsOf(operands)}`]
}

function wordsOf(place: Place): string {
  return typeof place === 'string' ? 'words=' : `words=${quoted(place.join(' '))}`
}
