# Environments as files: where they are, what they say, and how one is copied to another place.

"The files of an environment. None of them need exist."
struct Environment
    folder::String
    project::String
    manifest::String
end

"One dependency, as a manifest has it."
struct Dependency
    name::String
    uuid::String
    version::Union{String,Nothing}
    tree::Union{String,Nothing}
    source::Symbol # :registered, :url, :path or :stdlib
    origin::String # the URL or path, or nothing
    pinned::Bool
end

const PROJECT_NAMES = ("JuliaProject.toml", "Project.toml")

# Manifests of one version of Julia come first; they are read since 1.10.8.
function manifest_names()
    plain = ["JuliaManifest.toml", "Manifest.toml"]
    VERSION < v"1.10.8" && return plain
    return [["JuliaManifest-v$(VERSION.major).$(VERSION.minor).toml", "Manifest-v$(VERSION.major).$(VERSION.minor).toml"]; plain]
end

"""
    environment(project) -> Environment

`project` is a folder, a project file, or `nothing` for the active one.

# Errors

[`SigPkgError`](@ref) if there is none, or one that SigPkg does not handle: a workspace, a manifest kept elsewhere, or
files that are links.
"""
function environment(project::Union{AbstractString,Nothing})
    file = project === nothing ? Base.active_project() : abspath(project)
    file === nothing && throw(SigPkgError("no project is active; activate one, or name its folder with project=\"…\""))
    folder = isdir(file) || !endswith(file, ".toml") ? file : dirname(file)
    isdir(folder) && (folder = realpath(folder))
    named = endswith(file, ".toml") && !isdir(file) ? basename(file) : ""
    project_name = named in PROJECT_NAMES ? named : first_file(folder, PROJECT_NAMES, "Project.toml")
    default = project_name == "JuliaProject.toml" ? "JuliaManifest.toml" : "Manifest.toml"
    found = Environment(folder, joinpath(folder, project_name), joinpath(folder, first_file(folder, manifest_names(), default)))
    for path in (found.project, found.manifest)
        islink(path) && throw(SigPkgError("$path is a link, and SigPkg replaces files as a whole; name the folder that has the file itself"))
    end
    refuse_workspaces(found)
    return found
end

function first_file(folder, names, default)
    for name in names
        isfile(joinpath(folder, name)) && return name
    end
    return default
end

function refuse_workspaces(env::Environment)
    text = read_toml(env.project)
    haskey(text, "workspace") && throw(SigPkgError("$(env.project) is the root of a workspace, which SigPkg does not handle yet"))
    haskey(text, "manifest") && throw(SigPkgError("$(env.project) keeps its manifest elsewhere ($(text["manifest"])), which SigPkg does not handle yet"))
    at = env.folder
    while dirname(at) != at
        at = dirname(at)
        root = joinpath(at, first_file(at, PROJECT_NAMES, "Project.toml"))
        isfile(root) || continue
        workspace = try get(read_toml(root), "workspace", nothing) catch; nothing end
        workspace isa AbstractDict || continue
        members = get(workspace, "projects", String[])
        any(member -> member isa AbstractString && normpath(joinpath(at, member, "")) == normpath(joinpath(env.folder, "")), members) &&
            throw(SigPkgError("$(env.folder) is a member of the workspace of $root, which SigPkg does not handle yet"))
    end
end

"The TOML of a file; empty if there is no file."
function read_toml(path::AbstractString)
    isfile(path) || return Dict{String,Any}()
    return parse_toml(read(path, String), path)
end

function parse_toml(text::AbstractString, path)
    try
        return Pkg.TOML.parse(text)
    catch problem
        problem isa InterruptException && rethrow()
        throw(SigPkgError("$path cannot be read as TOML: $(sprint(showerror, problem))"))
    end
end

"The dependencies of a manifest, by UUID. Both forms are read: the first, and 2.x."
function dependencies(manifest::AbstractDict, path)
    found = Dict{String,Dependency}()
    each_entry(manifest) do name, entry
        dependency = entry isa AbstractDict ? dependency_of(name, entry, path) : throw(SigPkgError("$path has an entry for $name that is none"))
        haskey(found, dependency.uuid) && throw(SigPkgError("$path has two entries for the UUID $(dependency.uuid)"))
        found[dependency.uuid] = dependency
    end
    return found
end

const UUID_FORM = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z"i
const TREE_FORM = r"^[0-9a-f]{40}\z"i

# A manifest may be a stranger's: what is not as Pkg writes it is refused here, by name.
function dependency_of(name, entry, path)
    text(key) = (value = get(entry, key, nothing); value isa Union{AbstractString,Nothing} ? value : throw(SigPkgError("$path has an entry for $name whose $key is no text")))
    Base.isidentifier(name) || throw(SigPkgError("$path has an entry for $(repr(name)), which is no name of a package"))
    uuid, tree, url, at = text("uuid"), text("git-tree-sha1"), text("repo-url"), text("path")
    uuid !== nothing && occursin(UUID_FORM, uuid) || throw(SigPkgError("$path has an entry for $name without a UUID"))
    tree === nothing || occursin(TREE_FORM, tree) || throw(SigPkgError("$path has an entry for $name whose git-tree-sha1 is none"))
    source = at !== nothing ? :path : url !== nothing ? :url : tree !== nothing ? :registered : :stdlib
    return Dependency(name, lowercase(uuid), text("version"), tree === nothing ? nothing : lowercase(tree), source,
                      something(at, url, ""), get(entry, "pinned", false) === true)
end

function each_entry(visit, manifest)
    table = haskey(manifest, "manifest_format") ? get(manifest, "deps", Dict{String,Any}()) : manifest
    for (name, entries) in (table isa AbstractDict ? table : Dict{String,Any}())
        entries isa AbstractVector || continue
        foreach(entry -> visit(name, entry), entries)
    end
end

# ----------------------------------------------------------------------------------------------------------------------
# Relative paths. A copy of an environment stands elsewhere, so those in it are made absolute; what Pkg then writes is
# turned back into what the user wrote. The text is changed and not written anew, and the result is read and compared.

is_local(origin) = !occursin(r"^[A-Za-z][A-Za-z0-9+.-]*://", origin) && !occursin(r"^[^/\\]+@[^/\\]+:", origin)

const PATH_KEY = r"(?<before>\b(?:path|repo-url|url)\s*=\s*)\"(?<value>(?:[^\"\\]|\\.)*)\""

function rewrite_paths(change, text::AbstractString)
    replace(text, PATH_KEY => matched -> begin
        m = match(PATH_KEY, matched)
        old = Pkg.TOML.parse("x = \"$(m[:value])\"")["x"]
        new = change(old)
        new == old ? matched : string(m[:before], '"', replace(replace(new, '\\' => "\\\\"), '"' => "\\\""), '"')
    end)
end

# The same change, made to what was read.
function changed_manifest!(change, manifest)
    each_entry(manifest) do _, entry
        for key in ("path", "repo-url")
            haskey(entry, key) && (entry[key] = change(entry[key]))
        end
    end
    return manifest
end

function changed_project!(change, project)
    sources = get(project, "sources", nothing)
    for source in (sources isa AbstractDict ? values(sources) : ())
        source isa AbstractDict || continue
        for key in ("path", "url")
            get(source, key, nothing) isa AbstractString && (source[key] = change(source[key]))
        end
    end
    return project
end

"""
    moved_text(text, path, change, in_parsed!) -> String

# Errors

[`SigPkgError`](@ref) if the text cannot be changed so without changing something else.
"""
function moved_text(change, in_parsed!, text::AbstractString, path)
    wanted = in_parsed!(change, parse_toml(text, path))
    isequal(wanted, parse_toml(text, path)) && return String(text)
    moved = rewrite_paths(change, text)
    isequal(parse_toml(moved, path), wanted) ||
        throw(SigPkgError("$path has relative paths in a form that SigPkg cannot copy elsewhere; write them as `path = \"…\"`, or make them absolute"))
    return moved
end

"Makes a path of an environment absolute, and remembers what it was."
function absolute_in(env::Environment, remembered::Dict{String,String})
    return origin -> begin
        (isabspath(origin) || !is_local(origin)) && return origin
        absolute = normpath(joinpath(env.folder, origin))
        remembered[absolute] = origin
        return absolute
    end
end

"The way back, for what Pkg wrote in the folder of the copy."
function relative_again(env::Environment, copy::AbstractString, remembered::Dict{String,String})
    return origin -> begin
        is_local(origin) || return origin
        haskey(remembered, origin) && return remembered[origin]
        isabspath(origin) && return origin
        absolute = normpath(joinpath(copy, origin)) # Pkg found it, and wrote it as seen from the copy
        return get(remembered, absolute, relpath(absolute, env.folder))
    end
end

# ----------------------------------------------------------------------------------------------------------------------
# Holding a dependency back: in the copy it is made a direct one and pinned, which every Pkg respects; afterwards both are
# undone.

"The manifest's text with `pinned = true` for these UUIDs that had none."
pinned_text(text, uuids, path) = edit_entries(text, uuids, path, entry -> entry["pinned"] = true) do block
    occursin(r"^pinned\s*="m, block) ? block : replace(block, r"^(uuid\s*=.*)$"m => s"pinned = true\n\1"; count = 1)
end

"And without."
unpinned_text(text, uuids, path) = edit_entries(text, uuids, path, entry -> delete!(entry, "pinned")) do block
    replace(block, r"^pinned\s*=\s*true[ \t]*\r?\n"m => "")
end

function edit_entries(edit, text, uuids, path, in_parsed!)
    wanted = parse_toml(text, path)
    each_entry(wanted) do _, entry
        lowercase(get(entry, "uuid", "")) in uuids && in_parsed!(entry)
    end
    # A block begins with a line `[[…]]`; tables below an entry have another kind of head and stay with it.
    starts = [m.offset for m in eachmatch(r"^\[\["m, text)]
    isempty(starts) && return String(text)
    blocks = [SubString(text, from, prevind(text, to)) for (from, to) in zip(starts, [starts[2:end]; ncodeunits(text) + 1])]
    edited = map(blocks) do block
        m = match(r"^uuid\s*=\s*\"([^\"]*)\""m, block)
        m !== nothing && lowercase(m[1]) in uuids ? edit(String(block)) : String(block)
    end
    result = string(SubString(text, 1, prevind(text, starts[1])), edited...)
    isequal(parse_toml(result, path), wanted) || throw(SigPkgError("$path has a form in which nothing can be held back"))
    return result
end

"The project's text with these dependencies made direct, and the names of those that were not."
function direct_text(text, held, path)
    isempty(held) && return String(text), Tuple{String,String}[]
    project = parse_toml(text, path)
    direct = Set(lowercase(uuid) for uuid in values(get(project, "deps", Dict{String,Any}())))
    new = [(dependency.name, dependency.uuid) for dependency in held if !(dependency.uuid in direct)]
    isempty(new) && return String(text), new
    lines = join("$name = \"$uuid\"\n" for (name, uuid) in new)
    changed = if occursin(r"^\[deps\]"m, text)
        replace(text, r"^\[deps\][^\n]*\n?"m => SubstitutionString("[deps]\n" * lines); count = 1)
    else
        string(text, endswith(text, '\n') || isempty(text) ? "" : "\n", "\n[deps]\n", lines)
    end
    wanted = parse_toml(text, path)
    deps = get!(wanted, "deps", Dict{String,Any}())
    foreach(((name, uuid),) -> deps[name] = uuid, new)
    isequal(parse_toml(changed, path), wanted) || throw(SigPkgError("$path has a form in which nothing can be held back"))
    return changed, new
end

"The project's text without these direct dependencies."
function indirect_text(text, names, path)
    wanted = parse_toml(text, path)
    deps = get(wanted, "deps", Dict{String,Any}())
    for (name, uuid) in names
        delete!(deps, name)
        text = replace(text, Regex("^\\Q$name\\E\\s*=\\s*\"\\Q$uuid\\E\"[ \\t]*\\r?\\n?", "mi") => ""; count = 1)
    end
    isequal(parse_toml(text, path), wanted) || throw(SigPkgError("$path has a form in which nothing can be held back"))
    return String(text)
end
