# Completions of sigpkg for fish. Packages, ids and statements come from the stores, each time anew.

function __sigpkg_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    set -l path (string replace --regex -- '^--[^=]*=' '' "$current")
    for line in (command sigpkg __complete (count $words) -- $words "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$path"
            case :folders
                __fish_complete_directories "$path"
            case '*'
                echo $line
        end
    end
end

complete --command sigpkg --no-files --keep-order --arguments '(__sigpkg_complete)'
