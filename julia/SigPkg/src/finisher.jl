# The finisher: a process of its own, which does after the verdict what Pkg would have done: artifacts, builds, and what the
# user's settings say about precompilation.
#
#   julia --project=PROJECT finisher.jl [NAME=UUID]...     the packages to be built

import Pkg

Pkg.instantiate()
for argument in ARGS
    name, uuid = split(argument, '=')
    Pkg.build(Pkg.PackageSpec(; name = String(name), uuid = String(uuid)))
end
