# bash complete-in-bash.bash SCRIPT LINE: prints what the function of SCRIPT completes LINE to.
source "$1"
# Readline takes a = for a word of its own.
read -ra COMP_WORDS <<<"${2//=/ = }"
[[ $2 == *[\ =] ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_watertight
printf '<%s>\n' "${COMPREPLY[@]}"
