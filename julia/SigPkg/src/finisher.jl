# The finisher: a process of its own, which does after the verdict what Pkg would have done: the user's own registries,
# artifacts, builds, and what the user's settings say about precompilation.
#
#   julia --project=PROJECT finisher.jl [registries] [instantiate] [NAME=UUID]...     the packages to be built

import Pkg

for argument in ARGS
    if argument == "registries"
        try
            Pkg.Registry.update()
        catch problem
            println(stderr, "the registries could not be updated: ", sprint(showerror, problem))
        end
    elseif argument == "instantiate"
        Pkg.instantiate()
    else
        name, uuid = split(argument, '=')
        Pkg.build(Pkg.PackageSpec(; name = String(name), uuid = String(uuid)))
    end
end
