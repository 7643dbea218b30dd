# What is shown: lines as Pkg has them, and a table. Colours are those of the stream: only a terminal has them.

function say(io::IO, verb, text; color = :green)
    printstyled(painted(io), lpad(verb, 12), ' '; color = color, bold = true)
    println(io, printable(text))
end

# `NO_COLOR` as no-color.org has it.
painted(io::IO) = isempty(get(ENV, "NO_COLOR", "")) ? io : IOContext(io, :color => false)

"One line of the table: what changes, and what `sigpkg` says of it."
struct Change
    name::String
    uuid::String
    old::Union{Dependency,Nothing}
    new::Union{Dependency,Nothing}
    judged::Union{Judged,Nothing}
end

label(change::Change) = printable("$(change.name) [$(first(change.uuid, 8))]")

function movement(change::Change)
    old, new = stated(change.old), stated(change.new)
    change.old === nothing && return "+ $new"
    change.new === nothing && return "- $old"
    old == new || return "$old -> $new"
    # The same version, and yet another tree: nothing to be passed over.
    return change.old.tree == change.new.tree ? new : "$old, tree $(short(change.old)) -> $(short(change.new))"
end

short(dependency::Dependency) = dependency.tree === nothing ? "none" : first(dependency.tree, 8)

stated(::Nothing) = ""
function stated(dependency::Dependency)
    text = dependency.version === nothing ? "" : "v" * printable(dependency.version)
    dependency.source == :path && return strip("$text at $(printable(dependency.origin))")
    dependency.source == :url && return strip("$text from $(printable(dependency.origin))")
    return text
end

blocks(judged::Nothing) = true
blocks(judged::Judged) = judged.fails || judged.state in ("refused", "undecided", "unreadable", "not-installed")

function color_of(judged)
    judged === nothing && return :red
    blocks(judged) && return judged.state == "undecided" ? :yellow : :red
    judged.state in ("accepted", "before-signing") && return :green
    judged.state in ("unsigned", "newly-signed") && return :yellow
    return :light_black
end

"Prints the table, aligned, with the reason below whatever is in the way."
function show_changes(io::IO, changes::Vector{Change})
    labels, moves = map(label, changes), map(movement, changes)
    wide = maximum([0; map(textwidth, labels)]), maximum([0; map(textwidth, moves)])
    for (change, name, move) in zip(changes, labels, moves)
        judged = change.judged
        print(io, "  ", rpad(name, wide[1]), "  ", rpad(move, wide[2]), "  ")
        printstyled(painted(io), judged === nothing ? (change.new === nothing ? "removed" : "not judged") : printable(judged.state);
                    color = change.new === nothing ? :light_black : color_of(judged))
        judged === nothing || isempty(judged.notes) || print(io, "  (", printable(join(judged.notes, ", ")), ")")
        println(io)
        judged === nothing || explain(io, judged)
    end
end

function explain(io::IO, judged::Judged)
    blocks(judged) || return
    reason = join(filter(!isempty, [judged.reason, judged.message]), ": ")
    isempty(reason) || println(io, "      ", printable(reason))
    isempty(judged.hint) || println(io, "      hint: ", printable(judged.hint))
end

by_name(changes) = sort(changes; by = change -> (change.name, change.uuid))
