# The Julia of a world: started once, it runs one expression a line until its input ends. It is given the expressions
# that tests/julia/world.sh sends, and answers each with one line: `ok VALUE` or `error MESSAGE`.
#
#   julia session.jl ADDRESS <REQUESTS 9>REPLIES     the file that has the address of the package server; two FIFOs

import Pkg, SHA, UUIDs
using UUIDs: UUID

address() = readchomp(ARGS[1])

# How the packages come: through a `git` clone, from a package `server`, or as the tarball (`archive`) that a git host
# makes of a tree. Pkg asks for such tarballs from one host only, so the function that names it is changed to ask ours.
const transport = Ref("git")

Pkg.Operations.eval(quote
    function get_archive_url_for_version(url::String, ref)
        $transport[] == "archive" || return nothing
        return string($address(), "/archive/", basename(url), "/", ref)
    end
end)

"""
    become(home, transport)

From now on, be the user whose home is this folder: with a depot, an environment and a record of events of their own.
"""
function become(home, by)
    DEPOT_PATH[1] = joinpath(home, "depot")
    transport[] = by
    ENV["JULIA_DEPOT_PATH"] = DEPOT_PATH[1] * ":"
    ENV["JULIA_PKG_SERVER"] = by == "server" ? address() : ""
    ENV["EVENTS"] = joinpath(home, "events")
    ENV["SIGPKG_HOME"] = joinpath(home, "sigpkg")
    Pkg.activate(joinpath(home, "project"))
    Pkg.UPDATED_REGISTRY_THIS_SESSION[] = false
    return nothing
end

"""
    pkg(command)

What the package prompt of Julia does with this command. The registry is asked again each time, as in a new session.
"""
function pkg(command)
    Pkg.UPDATED_REGISTRY_THIS_SESSION[] = false
    Pkg.REPLMode.pkgstr(command)
    return nothing
end

"The folder of this package in the depot, as Pkg says."
function folder(name)
    for (_, package) in Pkg.dependencies()
        package.name == name && return package.source
    end
    error("$name is no dependency")
end

"The slug of the folder for a tree of a package (`Base.version_slug`)."
slug(uuid, tree) = Base.version_slug(UUID(uuid), Base.SHA1(tree))

include("collide.jl")

one_line(value) = replace(value === nothing ? "" : string(value), '\n' => ' ')

replies = fdio(9, true)
for line in eachline(stdin)
    answer = try
        "ok " * one_line(Base.eval(Main, Meta.parse(line)))
    catch error
        "error " * one_line(sprint(showerror, error))
    end
    flush(stdout)
    flush(stderr)
    println(replies, answer)
    flush(replies)
end
