# The `sigpkg` binary: finding it, and asking it about a project.

"The oldest `sigpkg` whose answers about projects SigPkg reads."
const OLDEST_BINARY = v"0.1.0"

"""
What `sigpkg verify PROJECT` says of one dependency. `state` is one of `accepted`, `refused`, `undecided`, `unreadable`,
`before-signing`, `unsigned`, `newly-signed`, `developed`, `stdlib`, `not-installed`.
"""
struct Judged
    name::String
    uuid::String
    version::Union{String,Nothing}
    tree::Union{String,Nothing}
    path::Union{String,Nothing}
    state::String
    fails::Bool
    reason::String # a word, or nothing
    message::String
    hint::String
    notes::Vector{String}
end

"All of them, and the verdict over the project."
struct Answer
    judged::Vector{Judged}
    verdict::String
    status::Int
end

"""
    find_binary(given) -> path

`given`, or the environment variable `SIGPKG`, or `sigpkg` on the `PATH`.

# Errors

[`SigPkgError`](@ref) if there is none, or one that is too old.
"""
function find_binary(given::Union{AbstractString,Nothing})
    wanted, from = given !== nothing ? (String(given), "the keyword sigpkg") :
                   !isempty(get(ENV, "SIGPKG", "")) ? (ENV["SIGPKG"], "the environment variable SIGPKG") : ("sigpkg", "")
    path = Sys.which(wanted)
    if path === nothing
        isempty(from) && throw(SigPkgError("there is no sigpkg on the PATH; install it, or name it with the environment variable SIGPKG or the keyword sigpkg"))
        throw(SigPkgError("$from names $wanted, which is no program"))
    end
    said = try
        readchomp(pipeline(`$path --version`; stdin = devnull, stderr = devnull))
    catch problem
        problem isa InterruptException && rethrow()
        throw(SigPkgError("$path cannot be run, or does not know its version"))
    end
    m = match(r"^sigpkg ([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9})\b", said)
    m === nothing && throw(SigPkgError("$path says \"$(printable(said))\" to --version, so it is not sigpkg"))
    version = VersionNumber(m[1])
    version >= OLDEST_BINARY || throw(SigPkgError("$path is sigpkg $version, and SigPkg needs $OLDEST_BINARY or newer"))
    return path
end

"""
    ask(binary, project; depots, …) -> Answer

Has the binary judge every dependency of a project.

# Errors

[`SigPkgError`](@ref) if it does not answer as it should. A refusal is an answer.
"""
function ask(binary::AbstractString, project::AbstractString; depots, installed = nothing, base = nothing, strict = false, update = true)
    command = `$binary verify $project --json --julia $(VERSION.major).$(VERSION.minor)`
    for depot in depots
        command = `$command --depot $depot`
    end
    installed === nothing || (command = `$command --installed $installed`)
    base === nothing || (command = `$command --base $base`)
    strict && (command = `$command --strict`)
    update || (command = `$command --no-update`)
    out, err = IOBuffer(), IOBuffer()
    process = run(pipeline(ignorestatus(command); stdin = devnull, stdout = out, stderr = err))
    status, text, said = process.exitcode, String(take!(out)), strip(String(take!(err)))
    process.termsignal == 0 || throw(SigPkgError("$binary was ended by signal $(process.termsignal)"))
    try
        return read_answer(text, status)
    catch problem
        problem isa Complaint &&
            throw(SigPkgError(printable("sigpkg cannot judge $project: $(problem.message)") * (isempty(problem.hint) ? "" : "\nhint: " * printable(problem.hint))))
        problem isa SigPkgError || problem isa Json.Malformed || rethrow()
        throw(SigPkgError(string("$binary did not answer about $project as SigPkg expects (", sprint(showerror, problem),
                                 "; exit status $status): is it too old?", isempty(said) ? "" : "\n" * printable(said; lines = true))))
    end
end

"What the binary says of a question as a whole, such as one about a project whose pins it cannot read."
struct Complaint <: Exception
    message::String
    hint::String
end

function read_answer(text, status)
    judged, summary = Judged[], nothing
    for line in split(text, '\n'; keepempty = false)
        object = Json.parse(line)
        object isa AbstractDict || throw(SigPkgError("a line is no object"))
        schema = get(object, "schema", nothing)
        summary === nothing || throw(SigPkgError("something follows the summary"))
        if schema == "sigpkg.project-entry/1"
            push!(judged, read_judged(object))
        elseif schema == "sigpkg.error/1"
            throw(Complaint(something(field(object, "message", Union{String,Nothing}), "?"), something(get(object, "hint", nothing), "")))
        elseif schema == "sigpkg.project/1"
            summary = field(object, "verdict", String)
        else
            throw(SigPkgError("a line has the schema $(printable(string(schema)))"))
        end
    end
    summary === nothing && throw(SigPkgError("there is no summary"))
    expected = get(Dict("accepted" => 0, "refused" => 1, "unreadable" => 3, "undecided" => 4), summary, nothing)
    expected == status || throw(SigPkgError("the summary says $(printable(summary))"))
    return Answer(judged, summary, status)
end

function read_judged(object)
    text(key) = something(field(object, key, Union{String,Nothing}), "")
    tree = field(object, "tree", Union{String,Nothing})
    notes = get(object, "notes", nothing)
    Judged(field(object, "name", String), lowercase(field(object, "uuid", String)), field(object, "version", Union{String,Nothing}),
           tree === nothing ? nothing : lowercase(tree), field(object, "path", Union{String,Nothing}),
           field(object, "state", String), field(object, "fails", Bool), text("reason"), text("message"), text("hint"),
           notes isa AbstractVector ? String[note_word(note) for note in notes] : String[])
end

# A note has a word, which is short enough for a table, and a message.
note_word(note) = note isa AbstractDict ? field(note, "note", String) : string(note)

function field(object, key, ::Type{T}) where {T}
    value = get(object, key, nothing)
    value isa T || throw(SigPkgError("the field $key is not as it should be"))
    return value
end

"Text of others as it may be printed: no control characters, which could write over what is on the screen."
function printable(text::AbstractString; lines::Bool = false)
    map(c -> (lines && c == '\n') || (isprint(c) && !iscntrl(c)) ? c : '?', isvalid(text) ? text : "(not UTF-8)")
end
