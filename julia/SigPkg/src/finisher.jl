# The finisher: a process of its own, which does after the verdict what Pkg would have done: the user's own registries, or
# artifacts, builds, and what the user's settings say about precompilation.
#
#   julia --project=PROJECT finisher.jl registries
#   julia --project=PROJECT finisher.jl instantiate [NAME=UUID]...     the packages to be built

import Pkg

if ARGS == ["registries"]
    Pkg.Registry.update()
else
    Pkg.instantiate()
    for argument in ARGS[2:end]
        name, uuid = split(argument, '=')
        Pkg.build(Pkg.PackageSpec(; name = String(name), uuid = String(uuid)))
    end
end
