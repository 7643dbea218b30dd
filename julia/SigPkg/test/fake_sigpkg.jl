# A stand-in for `sigpkg verify PROJECT --json`, for tests alone. It judges nothing: a tree says itself what is to be
# answered, in a file `verdict` with a state and a reason. It does look whether the tree is the one of the manifest.
#
#   FAKE_LOG=FILE       each call appends its arguments, and what it answered
#   FAKE_REFUSE_FROM=N  the Nth call and all after it refuse everything
#   FAKE_THEN=COMMAND   run by sh after the first answer, with the depots as $1, $2, …
#   FAKE_SLEEP=SECONDS  before the answer

import Pkg
using UUIDs

if ARGS == ["--version"]
    println("sigpkg ", get(ENV, "FAKE_VERSION", "0.1.0"))
    exit(0)
end

project, depots, only_strict = ARGS[2], String[], "--strict" in ARGS
for i in eachindex(ARGS)
    ARGS[i] == "--depot" && push!(depots, ARGS[i+1])
end
log = get(ENV, "FAKE_LOG", "")
call = isfile(log) ? countlines(log) + 1 : 1
sleep(parse(Float64, get(ENV, "FAKE_SLEEP", "0")))
quoted(x) = x === nothing ? "null" : repr(x)

# A build leaves `deps/build.log` in the installed tree, which the real one knows.
function tree_without_log(path)
    mktempdir() do copy
        cp(path, joinpath(copy, "tree"))
        rm(joinpath(copy, "tree", "deps", "build.log"); force = true)
        return bytes2hex(Pkg.GitTools.tree_hash(joinpath(copy, "tree")))
    end
end

function judged(name, entry)
    tree = get(entry, "git-tree-sha1", nothing)
    haskey(entry, "path") && return "developed", "", nothing, tree
    tree === nothing && return "stdlib", "", nothing, tree
    uuid, sha = UUID(entry["uuid"]), Base.SHA1(tree)
    for depot in depots
        path = joinpath(depot, "packages", name, Base.version_slug(uuid, sha))
        isdir(path) || continue
        tree_without_log(path) == tree || return "refused", "tree-differs", path, tree
        call >= parse(Int, get(ENV, "FAKE_REFUSE_FROM", "1000")) && return "refused", "told-to", path, tree
        said = joinpath(path, "verdict")
        state, reason = isfile(said) ? (split(readline(said), ' ')..., "") : ("accepted", "")
        return state, reason, path, tree
    end
    return "not-installed", "", nothing, tree
end

folder = isdir(project) ? project : dirname(project)
manifest = isdir(project) ? joinpath(project, "Manifest.toml") : project
pins = joinpath(folder, "Signatories.toml")
pinned = isfile(pins) ? read(pins, String) : ""
states = String[]
for (name, entries) in Pkg.TOML.parsefile(manifest), entry in entries
    state, reason, path, tree = judged(name, entry)
    occursin("refuse $name", pinned) && ((state, reason) = ("refused", "pin"))
    fails = state in ("refused", "undecided", "unreadable") || (only_strict && state in ("unsigned", "newly-signed"))
    fails && push!(states, state in ("unsigned", "newly-signed") ? "refused" : state)
    println("{\"schema\":\"sigpkg.project-entry/1\",\"project\":", quoted(project), ",\"name\":", quoted(name), ",\"uuid\":", quoted(entry["uuid"]),
            ",\"version\":", quoted(get(entry, "version", nothing)), ",\"tree\":", quoted(tree), ",\"source\":\"registered\",\"path\":", quoted(path),
            ",\"state\":", quoted(String(state)), ",\"fails\":", fails, ",\"verdict\":null,\"reason\":", isempty(reason) ? "null" : quoted(String(reason)),
            ",\"message\":null,\"hint\":null,\"notes\":[]}")
end
verdict, status = "refused" in states ? ("refused", 1) : "unreadable" in states ? ("unreadable", 3) : "undecided" in states ? ("undecided", 4) : ("accepted", 0)
println("{\"schema\":\"sigpkg.project/1\",\"project\":", quoted(project), ",\"lockfile\":", quoted(manifest), ",\"verdict\":", quoted(verdict), ",\"accepted\":0,\"refused\":0,\"undecided\":0,\"unreadable\":0,\"other\":0}")
isempty(log) || open(file -> println(file, join(ARGS, ' '), " => ", verdict), log, "a")
call == 1 && haskey(ENV, "FAKE_THEN") && run(`sh -c $(ENV["FAKE_THEN"]) sh $depots`)
exit(status)
