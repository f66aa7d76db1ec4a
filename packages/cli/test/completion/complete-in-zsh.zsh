# zsh -f complete-in-zsh.zsh SCRIPT LINE: prints what a shell that has read SCRIPT completes LINE to, each
# word as <word>. zsh completes at a terminal alone, so it gets one.
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "PROMPT=; autoload -Uz compinit; compinit -u -D; source ${(q)1}"
# With -O, -A and -D it is asked for what matches; without, it is told what to offer.
zpty -w inner 'compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a offered
  builtin compadd -A offered "$@"
  (( $#offered )) && print -rl -- "<"$^offered">"
  builtin compadd "$@"
}'
zpty -w inner 'finished() { print "<END>" }; comppostfuncs=(finished); print "<READY>"'
# The first one is the echo of the line above.
zpty -r inner output '*<READY>*<READY>*'
zpty -w -n inner "$2"$'\t'
zpty -r inner output '*<END>*'
print -r -- $output
zpty -d inner
