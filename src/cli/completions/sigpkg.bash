# Completions of sigpkg for bash. Packages, ids and statements come from the stores, each time anew.

_sigpkg() {
    COMPREPLY=()
    # bash breaks words at : = and @, and sigpkg does not: what has no space between it is put together again.
    local rest=${COMP_LINE:0:COMP_POINT} words=() count=0 i piece='' trimmed
    for ((i = 0; i <= COMP_CWORD; i++)); do
        trimmed=${rest#"${rest%%[![:space:]]*}"}
        if ((i == COMP_CWORD)); then piece=$trimmed; else piece=${COMP_WORDS[i]}; fi
        if ((count == 0)) || [[ $trimmed != "$rest" || -z $rest ]]; then
            words[count]=$piece
            ((count += 1))
        else
            words[count - 1]+=$piece
        fi
        rest=${trimmed#"$piece"}
    done
    local current=${words[count - 1]}
    # What bash does not take for a part of the word that it completes.
    case $piece in
        : | = | @ | '>' | '<') piece='' ;;
    esac
    local before=${current%"$piece"} line files='' folders=''
    while IFS= read -r line; do
        case $line in
            :files) files=1 ;;
            :folders) folders=1 ;;
            *)
                line=${line%%$'\t'*}
                COMPREPLY+=("${line#"$before"}")
                ;;
        esac
    done < <(command sigpkg __complete "$((count - 1))" -- "${words[@]}" 2>/dev/null)
    if [[ -n $files && ${#COMPREPLY[@]} -gt 0 ]]; then
        while IFS= read -r line; do
            COMPREPLY+=("$line")
        done < <(compgen -f -- "$piece")
        compopt -o filenames 2>/dev/null
    elif [[ -n $files ]]; then
        compopt -o default 2>/dev/null
    elif [[ -n $folders ]]; then
        compopt -o dirnames 2>/dev/null
    fi
}

complete -F _sigpkg sigpkg
