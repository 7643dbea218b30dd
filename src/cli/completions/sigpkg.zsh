#compdef sigpkg
# Completions of sigpkg for zsh. Packages, ids and statements come from the stores, each time anew.

_sigpkg() {
    local -a given described
    local line value files= folders=
    given=("${(@)words[1,CURRENT]}")
    given[CURRENT]=$PREFIX
    for line in "${(@f)$(command sigpkg __complete $((CURRENT - 1)) -- "${(@Q)given}" 2>/dev/null)}"; do
        case $line in
            ('') ;;
            (:files) files=1 ;;
            (:folders) folders=1 ;;
            (*)
                value=${line%%$'\t'*}
                if [[ $line == *$'\t'* ]]; then
                    described+=("${value//:/\\:}:${line#*$'\t'}")
                else
                    described+=("${value//:/\\:}")
                fi
                ;;
        esac
    done
    (( $#described )) && _describe -V 'sigpkg' described
    if [[ -n $files$folders ]]; then
        [[ $PREFIX == --*=* ]] && compset -P '*='
        if [[ -n $files ]]; then _files; else _files -/; fi
    fi
}

# Read by `source` it says what it is for; found in fpath it is the function itself.
if [[ ${funcstack[1]-} == _sigpkg ]]; then
    _sigpkg "$@"
else
    compdef _sigpkg sigpkg
fi
