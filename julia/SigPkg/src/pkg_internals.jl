# Everything of Pkg and Base that SigPkg touches although it is no public interface, for the versions of Julia whose source
# was read. Any other version is refused. This file is part of SigPkg, and of the planner, which is a process of its own:
# only there is anything replaced.

"Versions of Julia whose Pkg was read: from the first, and before the second."
const KNOWN_JULIA = (v"1.5", v"1.14-")

julia_is_known(version::VersionNumber = VERSION) = KNOWN_JULIA[1] <= version < KNOWN_JULIA[2]

function unknown_julia(version::VersionNumber = VERSION)
    string("this SigPkg knows the package manager of Julia ", KNOWN_JULIA[1].major, ".", KNOWN_JULIA[1].minor, " to 1.13, and this is Julia ",
           version, ": without that knowledge it cannot promise that no package code runs before the verdict")
end

"Whether `Pkg.offline()` was said in this session; a planner must be told."
pkg_is_offline() = julia_is_known() && Pkg.OFFLINE_MODE[]

"Lets `Pkg.add` and others of this process believe that the registries were updated already."
registries_are_fresh!() = (Pkg.UPDATED_REGISTRY_THIS_SESSION[] = true; nothing)

"""
What Pkg calls that runs code of packages, or leads to it, or collects garbage, and what each answers instead.

| function            | since | runs                                               |
|---------------------|-------|----------------------------------------------------|
| `build_versions`    | 1.0   | `deps/build.jl`, in a process of its own           |
| `download_artifacts`| 1.3   | nothing itself; asks `collect_artifacts` since 1.7 |
| `_auto_precompile`  | 1.6   | precompiles, which runs every module's top level   |
| `collect_artifacts` | 1.7   | `.pkg/select_artifacts.jl`                         |
| `_auto_gc`          | 1.7   | nothing, but it removes packages from depots       |
| `Base.julia_cmd`    | 1.0   | is in the way of each of them: no Julia is started |
| `find_installed`    | 1.0   | nothing, but says where a package goes: by a name that a stranger chose, `/home` or `../..` |
"""
function replaced_functions()
    replaced = Any[(Pkg.Operations, :build_versions, :nothing), (Pkg.Operations, :download_artifacts, :nothing)]
    VERSION >= v"1.6-" && push!(replaced, (Pkg, :_auto_precompile, :nothing))
    VERSION >= v"1.7-" && push!(replaced, (Pkg.Operations, :collect_artifacts, :(Any[])))
    VERSION >= v"1.7-" && push!(replaced, (Pkg, :_auto_gc, :nothing))
    push!(replaced, (Pkg.Operations, :find_installed, :($place_of_package(a1, a2, a3))))
    push!(replaced, (Base, :julia_cmd, :(error("SigPkg: Pkg was about to start a Julia process before the verdict"))))
    return replaced
end

# As every Pkg that was read has it, but for the name: Pkg itself asks only those that a user types.
function place_of_package(name, uuid, tree)
    Base.isidentifier(name) || error("SigPkg: $(repr(name)) is no name of a package, and could lead out of the depot")
    slugs = (Base.version_slug(uuid, tree), Base.version_slug(uuid, tree, 4))
    places = [abspath(depot, "packages", name, slug) for slug in slugs for depot in DEPOT_PATH]
    found = findfirst(ispath, places)
    return found === nothing ? abspath(first(DEPOT_PATH), "packages", name, first(slugs)) : places[found]
end

"""
Replaces them, in this process. Each method is replaced by one of the same signature, so that no call can reach an old
one, with keywords or without; that is looked at afterwards.

# Errors

If one of them is not there, or has a signature that cannot be replaced so: then this Pkg is not one that was read.
"""
function silence_package_code!()
    julia_is_known() || error(unknown_julia())
    for (owner, name, answer) in replaced_functions()
        isdefined(owner, name) || error("SigPkg: this Pkg has no $owner.$name, so it is not the one that was read")
        f = getfield(owner, name)
        for method in collect(methods(f))
            types = method.sig isa DataType ? collect(method.sig.parameters)[2:end] : nothing
            (types === nothing || any(t -> Base.isvarargtype(t), types)) &&
                error("SigPkg: $owner.$name has a signature that was not read: $(method.sig)")
            parameters = [:($(Symbol(:a, i))::$t) for (i, t) in enumerate(types)]
            # The quote gives the new method this file, which is looked for below.
            Core.eval(owner, quote
                function $name($(parameters...); kwargs...)
                    return $answer
                end
            end)
        end
        # In the newest world, where the new methods are.
        Base.invokelatest(methods_are_ours, f) || error("SigPkg: $owner.$name could not be replaced")
    end
end

methods_are_ours(f) = all(method -> endswith(String(method.file), "pkg_internals.jl"), methods(f))
