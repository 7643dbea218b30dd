# The planner: a process of its own, which lets Pkg make a change in a copy of the environment and in a throw-away depot.
#
#   julia planner.jl REQUEST      REQUEST is a TOML file; what went wrong is written to stderr, and to REQUEST.error

import Pkg

include("pkg_internals.jl")

function specs(request)
    return Pkg.Types.PackageSpec[Pkg.PackageSpec(; (Symbol(key) => value for (key, value) in package)...) for package in request["packages"]]
end

function options(request)
    chosen = Dict{Symbol,Any}()
    # Members of Pkg's public enums, by their names.
    for key in ("preserve", "level", "mode")
        haskey(request, key) && (chosen[Symbol(key)] = getfield(Pkg, Symbol(request[key])))
    end
    return chosen
end

function plan(request)
    operation = request["operation"]
    request["update_registry"] || registries_are_fresh!()
    if operation == "up"
        # With an empty list and not without: 1.5 would take `mode` alone for a package.
        Pkg.update(specs(request); update_registry = request["update_registry"], options(request)...)
    elseif operation == "add"
        Pkg.add(specs(request); options(request)...)
    elseif operation == "instantiate"
        try
            Pkg.instantiate(; update_registry = false)
        catch
            request["update_registry"] || rethrow()
            # Pkg would do so as well, but 1.5 then remembers what it did not find before.
            Pkg.Registry.update()
            Pkg.instantiate(; update_registry = false)
        end
    elseif operation == "resolve"
        Pkg.resolve()
    else
        error("SigPkg: the planner knows no operation $operation")
    end
end

function main(path)
    try
        plan(Pkg.TOML.parsefile(path))
        return 0
    catch problem
        said = sprint(showerror, problem)
        write(path * ".error", said)
        println(stderr, said)
        return 1
    end
end

silence_package_code!()
exit(main(ARGS[1]))
