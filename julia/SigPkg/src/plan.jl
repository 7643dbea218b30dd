# Planning: Pkg makes the change, in a copy of the environment and in a throw-away depot, without running package code.

"What `up`, `add` or `instantiate` was asked for, in words that a TOML file can hold."
struct Wish
    operation::String
    packages::Vector{Dict{String,String}}
    options::Dict{String,String}
    update_registry::Bool
end

"""
A place for one plan, in a temporary folder:

| below it       | is                                                                                                 |
|----------------|----------------------------------------------------------------------------------------------------|
| `environment/` | the copy of the environment, with `Signatories.toml`                                               |
| `depot/`       | the throw-away depot: Pkg writes here alone. It has a copy of the first depot's registries         |
| `seen-N/`      | one per depot of the user: links to its `packages` and, but for the first, its `registries`        |

The user's first depot's own registries are not seen beside their updated copies: a version that is yanked in the new
would still be found in the old.
"""
struct Place
    root::String
    environment::Environment
    depots::Vector{String} # as JULIA_DEPOT_PATH for the planner
end

depot_of(place::Place) = joinpath(place.root, "depot")
copy_of(place::Place) = place.environment.folder

"Everything known about the change before the verdict."
struct Plan
    place::Place
    before::Dict{String,Dependency}
    after::Dict{String,Dependency}
    original::Dict{String,Union{Vector{UInt8},Nothing}} # by path: the user's files as they were when this was planned
    planned::Dict{String,Vector{UInt8}}                 # by path: what is to be written; equal ones are left out
    trees::Dict{String,String}                          # by folder below `packages`: its digest before the verdict
end

"""
    take_base!(place, env, base)

Puts the pins and the lockfile of a reviewed revision where the binary looks for them when it judges the plan: into a
revision of a repository that is made of the copy. The copy's own files are not touched.

# Errors

[`SigPkgError`](@ref) if there is no git, or no such revision.
"""
function take_base!(place::Place, env::Environment, base::AbstractString)
    git = Sys.which("git")
    git === nothing && throw(SigPkgError("base=\"$base\" needs git on the PATH"))
    folder = copy_of(place)
    clean = ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "user.name=SigPkg", "-c", "user.email=sigpkg@localhost"]
    outside = without_git_places(ENV)
    quiet(command) = success(pipeline(setenv(command, outside); stdin = devnull, stdout = devnull, stderr = devnull))
    (startswith(base, '-') || !quiet(`$git -C $(env.folder) rev-parse --quiet --verify $(base * "^{commit}")`)) &&
        throw(SigPkgError("$(env.folder) is in no git repository with a revision $(printable(base))"))
    reviewed = Dict{String,Vector{UInt8}}()
    for name in ("Signatories.toml", basename(env.manifest))
        object = "$base:./$name"
        quiet(`$git -C $(env.folder) cat-file -e $object`) && (reviewed[name] = read(setenv(`$git -C $(env.folder) cat-file blob $object`, outside)))
    end
    kept = Dict(name => contents(joinpath(folder, name)) for name in ("Signatories.toml", basename(env.manifest)))
    foreach(name -> rm(joinpath(folder, name); force = true), keys(kept))
    foreach(((name, bytes),) -> write(joinpath(folder, name), bytes), collect(reviewed))
    quiet(`$git -C $folder init --quiet`) && (isempty(reviewed) || quiet(`$git -C $folder $clean add --force $(collect(keys(reviewed)))`)) &&
        quiet(`$git -C $folder $clean commit --quiet --allow-empty --message Reviewed`) ||
        throw(SigPkgError("the reviewed revision $base cannot be copied"))
    for (name, bytes) in kept
        rm(joinpath(folder, name); force = true)
        bytes === nothing || write(joinpath(folder, name), bytes)
    end
    return "HEAD"
end

# Within a hook, git is told by these where to work, whatever folder it is started in: a commit in the copy would be one
# in the user's own repository.
const GIT_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
                    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX")

without_git_places(environment) = Dict{String,String}(key => value for (key, value) in environment if !(uppercase(key) in GIT_PLACES))

"Of what was planned, what is other than before or must be installed."
function changed(plan::Plan)
    new = Set(first(splitpath(folder)) for folder in keys(plan.trees)) # by name; the binary names the folder itself
    filter(collect(values(plan.after))) do dependency
        old = get(plan.before, dependency.uuid, nothing)
        old === nothing || (old.version, old.tree, old.origin, old.source) != (dependency.version, dependency.tree, dependency.origin, dependency.source) ||
            (dependency.tree !== nothing && dependency.name in new)
    end
end

user_depots() = [abspath(depot) for depot in DEPOT_PATH]

is_bundled(depot) = normpath(depot, "") in (normpath(Sys.BINDIR, "..", "local", "share", "julia", ""), normpath(Sys.BINDIR, "..", "share", "julia", ""))

"""
    with_place(f, env)

Makes a place for plans, and removes it whatever happens.
"""
function with_place(f, env::Environment)
    isempty(DEPOT_PATH) && throw(SigPkgError("there is no depot: DEPOT_PATH is empty"))
    root = realpath(mktempdir(; prefix = "sigpkg_"))
    try
        mkdir(joinpath(root, "environment"))
        mkdir(joinpath(root, "depot"))
        at(path) = joinpath(root, "environment", basename(path))
        copied = Environment(joinpath(root, "environment"), at(env.project), at(env.manifest))
        return f(Place(root, copied, [joinpath(root, "depot"); seen_depots(root)]))
    finally
        remove_tree(root)
    end
end

function seen_depots(root)
    seen = String[]
    for (i, depot) in enumerate(user_depots())
        isdir(depot) || continue
        if is_bundled(depot) # has no registries, but the compiled standard library
            push!(seen, depot)
            continue
        end
        view = mkdir(joinpath(root, "seen-$i"))
        for part in (i == 1 ? ("packages",) : ("packages", "registries"))
            isdir(joinpath(depot, part)) && symlink(realpath(joinpath(depot, part)), joinpath(view, part))
        end
        if i == 1
            # Pkg changes the registries of the first depot, and refreshes the tokens of servers there.
            for part in ("registries", "servers")
                isdir(joinpath(depot, part)) && copy_linked(joinpath(depot, part), joinpath(root, "depot", part))
            end
        end
        push!(seen, view)
    end
    return seen
end

# What is named by a link is copied, and not the link: Pkg would update a registry behind it where it is. Pkg's own lock stays.
function copy_linked(from, to)
    mkdir(to)
    for name in readdir(from)
        source, copied = joinpath(from, name), joinpath(to, name)
        ispath(source) && name != ".pid" || continue
        cp(realpath(source), copied)
        repository = joinpath(source, ".git")
        isdir(repository) && islink(repository) && (rm(joinpath(copied, ".git")); cp(realpath(repository), joinpath(copied, ".git")))
    end
end

# Installed files are read-only, and git's objects too.
function remove_tree(root)
    try
        rm(root; force = true, recursive = true)
    catch problem
        problem isa InterruptException && rethrow()
        @warn "the temporary folder $root could not be removed" problem
    end
end

"""
    make_plan(place, env, wish; hold, io, verbose) -> Plan

`hold` are dependencies that must stay as they are. A second plan in one place finds what the first has downloaded, and
the same registries.

# Errors

[`SigPkgError`](@ref) if Pkg cannot make the change, or not with these held; nothing of the user's has been touched.
"""
function make_plan(place::Place, env::Environment, wish::Wish; hold::Vector{Dependency} = Dependency[], io::IO, verbose::Bool)
    julia_is_known() || throw(SigPkgError(unknown_julia()))
    copied, remembered = place.environment, Dict{String,String}()
    original = Dict{String,Union{Vector{UInt8},Nothing}}(path => contents(path) for path in (env.project, env.manifest))
    before = dependencies(read_toml(env.manifest), env.manifest)
    foreach(file -> rm(joinpath(copied.folder, file); recursive = true), readdir(copied.folder))
    for extra in ("Signatories.toml", "LocalPreferences.toml", "JuliaLocalPreferences.toml")
        isfile(joinpath(env.folder, extra)) && cp(joinpath(env.folder, extra), joinpath(copied.folder, extra))
    end

    # In, with absolute paths …
    absolute = absolute_in(env, remembered)
    made_direct = Tuple{String,String}[]
    if original[env.project] !== nothing
        text = moved_text(absolute, changed_project!, String(copy(original[env.project])), env.project)
        text, made_direct = direct_text(text, hold, env.project)
        write(copied.project, text)
    end
    held = Set(dependency.uuid for dependency in hold)
    pinned_here = Set(dependency.uuid for dependency in hold if !dependency.pinned)
    if original[env.manifest] !== nothing
        text = moved_text(absolute, changed_manifest!, String(copy(original[env.manifest])), env.manifest)
        write(copied.manifest, pinned_text(text, pinned_here, env.manifest))
    end
    run_planner(place, wish; io = io, verbose = verbose)

    # … and out.
    if !isempty(hold)
        write(copied.manifest, unpinned_text(read(copied.manifest, String), pinned_here, copied.manifest))
        write(copied.project, indirect_text(read(copied.project, String), made_direct, copied.project))
        # Newer manifests hold a digest of the project.
        VERSION >= v"1.7-" && run_planner(place, Wish("resolve", Dict{String,String}[], Dict{String,String}(), false); io = io, verbose = verbose)
    end
    after = dependencies(read_toml(copied.manifest), copied.manifest)
    for dependency in hold
        now = get(after, dependency.uuid, nothing)
        now === nothing || (now.version, now.tree) == (dependency.version, dependency.tree) ||
            throw(SigPkgError("Pkg did not hold $(dependency.name) [$(first(dependency.uuid, 8))] at v$(dependency.version)"))
    end
    relative = relative_again(env, copied.folder, remembered)
    planned = Dict{String,Vector{UInt8}}()
    for (from, to, in_parsed!) in ((copied.manifest, env.manifest, changed_manifest!), (copied.project, env.project, changed_project!))
        isfile(from) || continue
        text = read(from, String)
        new = Vector{UInt8}(codeunits(moved_text(relative, in_parsed!, text, from)))
        new == original[to] || same_toml(new, original[to], to) || (planned[to] = new)
    end
    before = resolved_origins(before, absolute)
    return Plan(place, before, resolved_origins(after, absolute_in(copied, Dict{String,String}())), original, planned, digests(place))
end

contents(path) = isfile(path) ? read(path) : nothing

# A file that Pkg wrote anew with the same meaning is left as the user has it.
same_toml(new, old, path) = old !== nothing && isequal(parse_toml(String(copy(new)), path), parse_toml(String(copy(old)), path))

resolved_origins(found, absolute) = Dict(uuid => Dependency(d.name, d.uuid, d.version, d.tree, d.source,
                                                            isempty(d.origin) ? "" : absolute(d.origin), d.pinned) for (uuid, d) in found)

# What Pkg has put into the throw-away depot, by `Name/slug`.
function digests(place::Place)
    found, packages = Dict{String,String}(), joinpath(depot_of(place), "packages")
    isdir(packages) || return found
    for name in readdir(packages), slug in readdir(joinpath(packages, name))
        found[joinpath(name, slug)] = tree_digest(joinpath(packages, name, slug))
    end
    return found
end

function run_planner(place::Place, wish::Wish; io::IO, verbose::Bool)
    request = joinpath(place.root, "request.toml")
    # Without a manifest, Pkg makes one, and must know of the registries before.
    operation = wish.operation == "instantiate" && !isfile(place.environment.manifest) ? "up" : wish.operation
    # A list of tables that is empty cannot be written by every version of TOML, so an empty list is one of strings.
    asked = Dict{String,Any}("operation" => operation, "update_registry" => wish.update_registry,
                             "packages" => isempty(wish.packages) ? String[] : wish.packages)
    merge!(asked, wish.options)
    open(file -> Pkg.TOML.print(file, asked), request, "w")
    rm(request * ".error"; force = true)
    separator = Sys.iswindows() ? ';' : ':'
    environment = merge(without_git_places(ENV), Dict(
        "JULIA_DEPOT_PATH" => join(place.depots, separator),
        "JULIA_LOAD_PATH" => "@stdlib", # nothing of the user's can be loaded
        "JULIA_PKG_PRECOMPILE_AUTO" => "0",
        "JULIA_PKG_GC_AUTO" => "false",
    ))
    delete!(environment, "JULIA_PROJECT")
    pkg_is_offline() && (environment["JULIA_PKG_OFFLINE"] = "true")
    command = `$(julia()) --project=$(place.environment.project) $(joinpath(SOURCE, "planner.jl")) $request`
    said = IOBuffer()
    process = run(pipeline(setenv(ignorestatus(command), environment); stdin = devnull,
                           stdout = verbose ? io : said, stderr = verbose ? io : said); wait = false)
    try
        wait(process)
    finally
        stop(process)
    end
    success(process) && return
    reason = isfile(request * ".error") ? read(request * ".error", String) : last_lines(String(take!(said)), 20)
    throw(SigPkgError("Pkg cannot plan this; nothing was changed:\n" * printable(strip(reason); lines = true)))
end

# Until it has ended, it writes into the folder that is about to be removed.
function stop(process)
    process_running(process) || return
    kill(process)
    timedwait(() -> process_exited(process), 5.0)
    process_running(process) && kill(process, Base.SIGKILL)
    return wait(process)
end

# This Julia, without what could run code of the user's, or leave a file beside ours.
julia() = `$(Base.julia_cmd()) --startup-file=no --history-file=no --code-coverage=none --track-allocation=none`

function last_lines(text, count)
    lines = split(text, '\n'; keepempty = false)
    return join(lines[max(1, end - count + 1):end], '\n')
end
