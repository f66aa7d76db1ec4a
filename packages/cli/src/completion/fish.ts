import type { FlagWords, Place, VerbWords } from './completed-words.js'

/** Completions for fish, by its `complete` (manual of fish, "Writing your own completions"). */
export function fishCompletion(verbs: readonly VerbWords[]): string {
  const names = verbs.map(({ name }) => name).join(' ')
  return `# Completions of watertight for fish: put this file into ~/.config/fish/completions.
function __watertight_verb
    set -l words (commandline -opc)
    if test (count $argv) -eq 0
        test (count $words) -eq 1
    else
        test (count $words) -ge 2; and test $words[2] = $argv[1]
    end
end
complete -c watertight -f
complete -c watertight -n '__watertight_verb help' -a ${quoted(names)}
${verbs.flatMap(verbLines).join('\n')}
`
}

function verbLines({ name, summary, operands, flags }: VerbWords): string[] {
  const inVerb = `complete -c watertight -n '__watertight_verb ${name}'`
  return [
    `complete -c watertight -n __watertight_verb -a ${name} -d ${quoted(summary)}`,
    ...operandLines(name, operands),
    ...flags.map((flag) => `${inVerb} ${flagWords(flag)}`),
  ]
}

function operandLines(verb: string, operands: Place): string[] {
  if (operands === 'nothing') return []
  const isNow = typeof operands === 'string' ? '' : '; and test (count (commandline -opc)) -eq 2'
  return [`complete -c watertight -n '__watertight_verb ${verb}${isNow}' ${wordsOf(operands)}`]
}

function flagWords({ name, summary, value }: FlagWords): string {
  const taken = value === 'nothing' ? '' : ` -r ${wordsOf(value)}`
  return `-l ${name}${taken} -d ${quoted(summary)}`
}

function wordsOf(place: Place): string {
  if (typeof place !== 'string') return `-f -a ${quoted(place.join(' '))}`
  return place === 'file' ? '-F' : '-f'
}

/** In single quotes fish knows a backslash before a quote and before another one. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
