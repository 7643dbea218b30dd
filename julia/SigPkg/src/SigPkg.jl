"""
A guarded `pkg> up`: `SigPkg.up()`, `SigPkg.add(…)` and `SigPkg.instantiate()` let Pkg plan a change in a throw-away copy of
the environment and a throw-away depot, have the `sigpkg` binary judge every package that changes, and only then apply
exactly what was judged. No code of a package runs before the verdict. `SigPkg.verify()` and `SigPkg.status()` judge what is
there.
"""
module SigPkg

import Pkg
import SHA

"""
    SigPkgError(message, refused = [])

Nothing was changed, unless the message says so. `refused` are the [`Judged`](@ref) dependencies that were in the way.
"""
struct SigPkgError <: Exception
    message::String
    refused::Vector{Any}
end

SigPkgError(message) = SigPkgError(message, [])

# A message may quote what strangers wrote.
Base.showerror(io::IO, e::SigPkgError) = print(io, "SigPkg: ", printable(e.message; lines = true))

const SOURCE = @__DIR__ # a macro within a command would not know its file

include("json.jl")
include("pkg_internals.jl")
include("environment.jl")
include("binary.jl")
include("tree.jl")
include("plan.jl")
include("table.jl")
include("apply.jl")

"""
What a call did. `changes` are the dependencies that changed, or would have (`dry_run`), and `applied` says whether they
are in the environment now.
"""
struct Report
    applied::Bool
    changes::Vector{Change}
end

function Base.show(io::IO, report::Report)
    count = length(report.changes)
    print(io, "SigPkg: ", count == 0 ? "nothing changes" : string(count, count == 1 ? " dependency" : " dependencies",
                                                                  report.applied ? " changed" : " would change"))
end

"""
    SigPkg.up([names…]; keywords…) -> Report

Upgrades the dependencies of a project as `Pkg.update` would, if `sigpkg` accepts each that changes.

| keyword           | default               | meaning                                                                              |
|-------------------|-----------------------|--------------------------------------------------------------------------------------|
| `project`         | the active one        | folder or project file                                                               |
| `hold`            | `nothing`             | `true`: plan again with what is refused held back; `false`: never; `nothing`: ask, on a terminal |
| `build`           | `true`                | afterwards fetch artifacts and run `deps/build.jl` of what is new, as Pkg would      |
| `dry_run`         | `false`               | plan and judge, and apply nothing                                                    |
| `strict`          | `false`               | as `sigpkg verify --strict`                                                          |
| `base`            | `nothing`             | as `sigpkg verify --base REV`: pins of a reviewed revision                           |
| `update_registry` | `true`                | update the registries, for the plan in a copy of them                                |
| `level`, `mode`, `preserve` | Pkg's       | as for `Pkg.update`                                                                  |
| `sigpkg`          | `SIGPKG`, or the PATH | the binary                                                                           |
| `verbose`         | `false`               | show what Pkg says while it plans                                                    |
| `io`              | `stderr`              | where to write                                                                       |

# Errors

[`SigPkgError`](@ref) if a package is refused, undecided or unreadable, if Pkg cannot plan the change, if the binary is
missing or too old, or if anything changed between the verdict and now. Environment and depots are then as they were.
"""
function up(names::AbstractString...; project = nothing, level = nothing, mode = nothing, preserve = nothing, update_registry = true, keywords...)
    options = enums(level = level, mode = mode, preserve = preserve)
    return guarded(Wish("up", [spec(name) for name in names], options, update_registry); project = project, keywords...)
end

up(names::AbstractVector{<:AbstractString}; keywords...) = up(names...; keywords...)

"""
    SigPkg.add(names…; keywords…) -> Report
    SigPkg.add((name = "Example", version = "1.2"), …; keywords…)
    SigPkg.add(; name, uuid, version, url, rev, subdir, keywords…)

Adds packages to a project as `Pkg.add` would, if `sigpkg` accepts each that changes, dependencies included. A name can be
written `Example@1.2`. The keywords are those of [`up`](@ref), without `level` and `mode`. A package that nobody has signed,
or that somebody has signed whom you do not trust yet, is shown as such and accepted, unless `strict` or a pin forbids it.

# Errors

As [`up`](@ref).
"""
function add(packages...; project = nothing, preserve = nothing, update_registry = true,
             name = nothing, uuid = nothing, version = nothing, url = nothing, rev = nothing, subdir = nothing, keywords...)
    wanted = Dict{String,String}[spec(package) for package in flat(packages)]
    single = (name = name, uuid = uuid, version = version, url = url, rev = rev, subdir = subdir)
    all(isnothing, single) || push!(wanted, spec(single))
    isempty(wanted) && throw(SigPkgError("add needs the name or the URL of a package"))
    return guarded(Wish("add", wanted, enums(preserve = preserve), update_registry); project = project, keywords...)
end

flat(packages) = Iterators.flatten(package isa AbstractVector ? package : (package,) for package in packages)

"""
    SigPkg.instantiate(; keywords…) -> Report

Installs what the manifest of a project names, as `Pkg.instantiate` would, if `sigpkg` accepts all of it: also what is
installed already. The keywords are those of [`up`](@ref), without `hold`, `level`, `mode` and `preserve`.

# Errors

As [`up`](@ref).
"""
function instantiate(; project = nothing, update_registry = true, keywords...)
    wish = Wish("instantiate", Dict{String,String}[], Dict{String,String}(), update_registry)
    return guarded(wish; project = project, hold = false, keywords...)
end

"""
    SigPkg.verify(; project, strict = false, base = nothing, sigpkg = nothing, io = stderr) -> Vector{Judged}

Has `sigpkg` judge every dependency of a project as it is installed, and shows those that are in the way.

# Errors

[`SigPkgError`](@ref) if the verdict is not `accepted`; its field `refused` has those in the way.
"""
function verify(; project = nothing, strict = false, base = nothing, sigpkg = nothing, io::IO = stderr)
    answer, env = judge_installed(project, sigpkg, io; strict = strict, base = base)
    in_the_way = filter(blocks_project, answer.judged)
    show_changes(io, by_name(Change[standing(judged) for judged in in_the_way]))
    answer.verdict == "accepted" && isempty(in_the_way) ||
        throw(SigPkgError("the project in $(env.folder) is $(answer.verdict): $(named(in_the_way))", in_the_way))
    say(io, "Verified", "$(length(answer.judged)) dependencies of $(env.folder)")
    return answer.judged
end

"""
    SigPkg.status(; project, strict = false, base = nothing, sigpkg = nothing, io = stdout) -> Nothing

Shows every dependency of a project and what `sigpkg` says of it. Records nothing, and a refusal is shown and not thrown.
"""
function status(; project = nothing, strict = false, base = nothing, sigpkg = nothing, io::IO = stdout)
    answer, env = judge_installed(project, sigpkg, io; strict = strict, base = base, update = false)
    say(io, "Status", env.manifest)
    show_changes(io, by_name(Change[standing(judged) for judged in answer.judged if judged.state != "stdlib"]))
    return nothing
end

function judge_installed(project, sigpkg, io; options...)
    recover(io = io)
    env = environment(project)
    isfile(env.manifest) || throw(SigPkgError("$(env.folder) has no manifest, so nothing of it is installed"))
    return ask(find_binary(sigpkg), env.manifest; depots = filter(isdir, user_depots()), options...), env
end

function standing(judged::Judged)
    source = judged.state == "developed" ? :path : :registered
    dependency = Dependency(judged.name, judged.uuid, judged.version, judged.tree, source, something(judged.path, ""), false)
    return Change(judged.name, judged.uuid, dependency, dependency, judged)
end

# What is not installed does not run, so it is no failure of a project, unless the binary says so.
blocks_project(judged::Judged) = judged.fails || judged.state in ("refused", "undecided", "unreadable")

named(refused) = isempty(refused) ? "see above" : join((printable(string(judged.name, " is ", judged.state, isempty(judged.reason) ? "" : " ($(judged.reason))")) for judged in refused), ", ")

# ----------------------------------------------------------------------------------------------------------------------
# The guarded change.

function guarded(wish::Wish; project = nothing, hold::Union{Bool,Nothing} = nothing, build::Bool = true, dry_run::Bool = false,
                 strict::Bool = false, base = nothing, sigpkg = nothing, verbose::Bool = false, io::IO = stderr)
    julia_is_known() || throw(SigPkgError(unknown_julia()))
    binary = find_binary(sigpkg)
    recover(io = io)
    env = environment(project)
    return with_place(env) do place
        say(io, "Planning", "$(wish.operation) of $(env.folder), in a throw-away copy")
        plan = make_plan(place, env, wish; io = io, verbose = verbose)
        changes, refused = judge(binary, env, plan, wish; strict = strict, base = base, io = io)
        held = Dependency[]
        while !isempty(refused)
            more = wish.operation == "instantiate" ? Dependency[] : holdable(plan, refused, held)
            (isempty(more) || !wants_hold(io, hold, more)) && throw(refusal(refused, more))
            append!(held, more)
            say(io, "Planning", "again, with $(join(("$(d.name) at v$(d.version)" for d in held), ", ")) held back")
            # The registries are those of the first plan.
            again = Wish(wish.operation, wish.packages, wish.options, false)
            plan = make_plan(place, env, again; hold = held, io = io, verbose = verbose)
            changes, refused = judge(binary, env, plan, wish; strict = strict, base = base, io = io)
        end
        installs = installs_of(plan, changes)
        if isempty(installs) && isempty(plan.planned)
            say(io, "No Changes", "to $(env.folder)")
            wish.operation == "instantiate" && !dry_run && finish(env, Change[], installs, io; registries = false, build = build)
            return Report(false, changes)
        end
        dry_run && return Report(false, changes)
        apply!(plan, installs) do
            recheck(binary, env, plan, changes; strict = strict, base = base)
        end
        say(io, "Applied", "what was verified, to $(env.folder)")
        advise_trust(io, env, changes)
        finish(env, changes, installs, io; registries = wish.update_registry, build = build)
        return Report(true, changes)
    end
end

function advise_trust(io, env, changes)
    new = count(change -> change.judged.state == "newly-signed", changes)
    new == 0 || say(io, "Note", "$new of these $(new == 1 ? "is" : "are") signed by somebody you have not trusted yet: sigpkg trust add --installed $(env.folder)"; color = :cyan)
end

"""
Has the binary judge the plan, with what is installed now as the floor, and shows the changes. Gives the changes, and
those in the way. With `instantiate` that is whatever fails; otherwise what fails without having changed is only shown,
since no upgrade makes it worse.
"""
function judge(binary, env, plan, wish; strict, base, io)
    isfile(plan.place.environment.manifest) || return Change[], Change[]
    depots = [depot_of(plan.place); filter(isdir, user_depots())]
    installed = isfile(env.manifest) ? env.manifest : nothing
    # The copy is in no repository, so the reviewed revision is copied too.
    copied_base = base === nothing ? nothing : take_base!(plan.place, env, base)
    answer = ask(binary, plan.place.environment.manifest; depots = depots, installed = installed, base = copied_base, strict = strict)
    judged = Dict(entry.uuid => entry for entry in answer.judged)
    # What the binary judged is what Pkg planned: the same tree, or it does not count as judged.
    agreed(dependency) = (entry = get(judged, dependency.uuid, nothing); entry !== nothing && entry.tree == dependency.tree ? entry : nothing)
    change(dependency) = Change(dependency.name, dependency.uuid, get(plan.before, dependency.uuid, nothing), dependency, agreed(dependency))
    new = changed(plan)
    changes = Change[change(dependency) for dependency in new if dependency.source != :stdlib]
    removed = Change[Change(old.name, old.uuid, old, nothing, nothing) for (uuid, old) in plan.before if !haskey(plan.after, uuid) && old.source != :stdlib]
    rest = Change[change(dependency) for dependency in values(plan.after) if !(dependency in new)]
    failing = filter(standing -> standing.judged !== nothing && blocks_project(standing.judged), rest)
    show_changes(io, by_name([changes; removed]))
    if !isempty(failing)
        say(io, "Warning", wish.operation == "instantiate" ? "what is installed already fails:" : "what does not change fails, and stays as it is:"; color = :yellow)
        show_changes(io, by_name(failing))
    end
    refused = filter(change -> blocks(change.judged), changes)
    return changes, wish.operation == "instantiate" ? [refused; failing] : refused
end

# Those that are installed now in another version, and were not held already.
function holdable(plan, refused, held)
    Dependency[change.old for change in refused if change.old !== nothing && change.old.source == :registered &&
               change.old.tree !== nothing && !any(d -> d.uuid == change.uuid, held)]
end

function wants_hold(io, hold, more)
    hold === nothing || return hold
    isinteractive() && stdin isa Base.TTY || return false
    print(io, "Plan again with ", join((printable(d.name) for d in more), ", "), " held back? [y/N] ")
    return lowercase(strip(readline(stdin))) in ("y", "yes")
end

function refusal(refused, more)
    judged = [change.judged for change in refused if change.judged !== nothing]
    missing_ones = [change for change in refused if change.judged === nothing]
    said = String[]
    isempty(judged) || push!(said, named(judged))
    isempty(missing_ones) || push!(said, "not judged: " * join(map(label, missing_ones), ", "))
    advice = isempty(more) ? "" : "; hold=true plans again with what is refused held back"
    return SigPkgError("nothing was changed: $(join(said, "; "))$advice", judged)
end

# Of the throw-away depot only those trees that the binary has looked at, and accepted, are installed.
function installs_of(plan, changes)
    packages = joinpath(depot_of(plan.place), "packages")
    installs = Install[]
    for change in changes
        (change.new.tree === nothing || change.judged.path === nothing) && continue
        folder = relpath(change.judged.path, packages)
        parts = splitpath(folder)
        first(parts) == ".." && continue # installed already
        length(parts) == 2 && parts[1] == change.name && haskey(plan.trees, folder) ||
            throw(SigPkgError("sigpkg has judged $(change.judged.path), which Pkg has not planned"))
        push!(installs, Install(joinpath(packages, folder), joinpath(first(user_depots()), "packages", folder), plan.trees[folder]))
    end
    return sort!(installs; by = install -> install.to)
end

# The same question again, about the real environment and the real depots.
function recheck(binary, env, plan, changes; strict, base)
    found = dependencies(read_toml(env.manifest), env.manifest)
    answer = ask(binary, env.manifest; depots = filter(isdir, user_depots()), base = base, strict = strict)
    judged = Dict(entry.uuid => entry for entry in answer.judged)
    for change in changes
        now, entry = get(found, change.uuid, nothing), get(judged, change.uuid, nothing)
        (now === nothing || now.tree != change.new.tree || now.version != change.new.version) &&
            throw(SigPkgError("$(label(change)) is not what was judged; everything was put back"))
        (entry === nothing || entry.tree != change.new.tree || blocks(entry)) &&
            throw(SigPkgError("$(label(change)) was accepted as planned, and is not as installed; everything was put back", [something(entry, change.judged)]))
    end
end

# The user's own registries were not touched before the verdict; now they may know what was installed. Packages are built
# that were installed now.
function finish(env, changes, installs, io; registries, build)
    if registries && !pkg_is_offline()
        said = IOBuffer()
        run_finisher(env, ["registries"], said) ||
            say(io, "Warning", "the registries could not be updated: $(printable(last_lines(String(take!(said)), 1)))"; color = :yellow)
    end
    build || return
    new = [change for change in changes if any(install -> is_of(install, change) && isfile(joinpath(install.to, "deps", "build.jl")), installs)]
    run_finisher(env, ["instantiate"; ["$(change.name)=$(change.uuid)" for change in new]], io) ||
        throw(SigPkgError("the change was verified and applied, but fetching artifacts or building failed; see above, and try Pkg.instantiate() and Pkg.build()"))
end

function run_finisher(env, arguments, io)
    separator = Sys.iswindows() ? ';' : ':'
    environment = merge(Dict(ENV), Dict("JULIA_DEPOT_PATH" => join(user_depots(), separator), "JULIA_LOAD_PATH" => "@$separator@stdlib"))
    delete!(environment, "JULIA_PROJECT")
    pkg_is_offline() && (environment["JULIA_PKG_OFFLINE"] = "true")
    command = `$(julia()) --project=$(env.project) $(joinpath(SOURCE, "finisher.jl")) $arguments`
    return success(run(pipeline(setenv(ignorestatus(command), environment); stdin = devnull, stdout = io, stderr = io)))
end

is_of(install::Install, change::Change) = basename(dirname(install.to)) == change.name

# ----------------------------------------------------------------------------------------------------------------------
# What was asked for, in words.

const SPEC_KEYS = (:name, :uuid, :version, :url, :rev, :subdir)

function spec(name::AbstractString)
    parts = split(name, '@')
    length(parts) <= 2 && all(!isempty, parts) && !occursin(r"[/\\:]", name) ||
        throw(SigPkgError("\"$(printable(name))\" is no name of a package; a URL is given as url=\"…\""))
    given = Dict("name" => String(parts[1]))
    length(parts) == 2 && (given["version"] = String(parts[2]))
    return given
end

function spec(package::NamedTuple)
    for key in keys(package)
        key in SPEC_KEYS || throw(SigPkgError("a package has no \"$key\" here; what can be given is $(join(SPEC_KEYS, ", "))"))
    end
    given = Dict{String,String}(string(key) => string(value) for (key, value) in pairs(package) if value !== nothing)
    haskey(given, "url") && is_local(given["url"]) && !isabspath(given["url"]) &&
        throw(SigPkgError("the path $(given["url"]) is relative; give an absolute one"))
    return given
end

spec(package) = throw(SigPkgError("a package is given by its name, or as (name = \"…\", version = \"…\"), not as $(typeof(package))"))

# Members of Pkg's public enums, by their names.
function enums(; chosen...)
    return Dict{String,String}(string(key) => string(value) for (key, value) in chosen if value !== nothing)
end

end # module
