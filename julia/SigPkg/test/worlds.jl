# Worlds for tests: git packages, a git registry, a depot, a project, and a stand-in for the binary; all in one folder.

using UUIDs: UUID, uuid5

struct World
    root::String
    project::String
    depot::String
end

at(world::World, parts...) = joinpath(world.root, parts...)
manifest(world::World) = joinpath(world.project, "Manifest.toml")

git(folder, arguments...) = run(pipeline(`git -C $folder -c user.name=Test -c user.email=test@example.org -c commit.gpgsign=false $arguments`;
                                         stdout = devnull, stderr = devnull))
git_says(folder, arguments...) = readchomp(`git -C $folder $arguments`)

uuid_of(name) = string(uuid5(UUID("11111111-2222-5333-8444-555555555555"), name))

"A world with a registry and no packages, as the active project and the only depot of this process."
function with_world(f)
    root = realpath(mktempdir())
    world = World(root, mkdir(joinpath(root, "project")), mkdir(joinpath(root, "depot")))
    mkpath(at(world, "packages"))
    registry = mkdir(at(world, "registry"))
    write(joinpath(registry, "Registry.toml"), "name = \"Test\"\nuuid = \"23338594-aafe-5451-b93e-139f81909106\"\nrepo = \"$registry\"\n\n[packages]\n")
    git(registry, "init", "-q")
    git(registry, "add", "-A")
    git(registry, "commit", "-q", "-m", "An empty registry")
    mkdir(joinpath(world.depot, "registries"))
    git(root, "clone", "-q", registry, joinpath(world.depot, "registries", "Test"))
    fake = at(world, "sigpkg")
    write(fake, "#!/bin/sh\nJULIA_DEPOT_PATH= JULIA_PROJECT= JULIA_LOAD_PATH=@stdlib exec $(joinpath(Sys.BINDIR, Base.julia_exename())) --startup-file=no $(joinpath(@__DIR__, "fake_sigpkg.jl")) \"\$@\"\n")
    chmod(fake, 0o755)
    old_depots, old_project = copy(DEPOT_PATH), Base.ACTIVE_PROJECT[]
    bundled = filter(SigPkg.is_bundled, old_depots)
    try
        append!(empty!(DEPOT_PATH), [world.depot; bundled])
        Base.ACTIVE_PROJECT[] = world.project
        withenv("SIGPKG" => fake, "JULIA_PKG_SERVER" => "", "FAKE_LOG" => at(world, "log"), "BUILT" => at(world, "built")) do
            f(world)
        end
    finally
        append!(empty!(DEPOT_PATH), old_depots)
        Base.ACTIVE_PROJECT[] = old_project
        SigPkg.remove_tree(root)
    end
end

"Registers a version of a package, whose tree has `files` and says what the stand-in answers about it."
function release(world, name, version; deps = String[], verdict = nothing, compat = Dict{String,String}(), files = Dict{String,String}(), replace = false, after = repo -> nothing)
    repo = at(world, "packages", name)
    isdir(repo) || begin
        mkdir(repo)
        git(repo, "init", "-q")
        git(repo, "config", "user.name", "Test")
        git(repo, "config", "user.email", "test@example.org")
    end
    mkpath(joinpath(repo, "src"))
    mkpath(joinpath(repo, "deps"))
    lines = join("$dep = \"$(uuid_of(dep))\"\n" for dep in deps)
    write(joinpath(repo, "Project.toml"), "name = \"$name\"\nuuid = \"$(uuid_of(name))\"\nversion = \"$version\"\n\n[deps]\n$lines")
    write(joinpath(repo, "src", "$name.jl"), "module $name\nconst VERSION = \"$version\"\nend\n")
    write(joinpath(repo, "deps", "build.jl"), "open(io -> println(io, \"$name $version\"), ENV[\"BUILT\"], \"a\")\n")
    rm(joinpath(repo, "verdict"); force = true)
    verdict === nothing || write(joinpath(repo, "verdict"), verdict)
    foreach(((path, text),) -> write(joinpath(repo, path), text), files)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "--allow-empty", "-m", "$name $version")
    after(repo)
    tree = git_says(repo, "rev-parse", "HEAD:")

    registry = at(world, "registry")
    folder = joinpath(registry, name)
    if !isdir(folder)
        mkdir(folder)
        open(io -> println(io, "$(uuid_of(name)) = { name = \"$name\", path = \"$name\" }"), joinpath(registry, "Registry.toml"), "a")
        write(joinpath(folder, "Package.toml"), "name = \"$name\"\nuuid = \"$(uuid_of(name))\"\nrepo = \"$repo\"\n")
    end
    versions = joinpath(folder, "Versions.toml")
    text = isfile(versions) ? read(versions, String) : ""
    replace && (text = Base.replace(text, Regex("\\[\"\\Q$version\\E\"\\]\\n.*\\n\\n") => ""))
    write(versions, text * "[\"$version\"]\ngit-tree-sha1 = \"$tree\"\n\n")
    for (file, table) in (("Deps.toml", Dict(dep => uuid_of(dep) for dep in deps)), ("Compat.toml", compat))
        isempty(table) || open(joinpath(folder, file), "a") do io
            println(io, "[\"$version\"]")
            foreach(((key, value),) -> println(io, "$key = \"$value\""), collect(table))
            println(io)
        end
    end
    git(registry, "add", "-A")
    git(registry, "commit", "-q", "-m", "$name $version")
    return tree
end

installed_version(world, name) = get(Dict(d.name => d.version for d in values(SigPkg.dependencies(SigPkg.read_toml(manifest(world)), ""))), name, nothing)

"What has been built since, in any process."
built(world) = isfile(at(world, "built")) ? readlines(at(world, "built")) : String[]

"Digests of all files of the project and of the depot, with modes: equal if nothing was touched."
state(world) = (SigPkg.tree_digest(world.project), SigPkg.tree_digest(world.depot), modes(world.depot))
modes(folder) = sort!([(relpath(joinpath(root, name), folder), lstat(joinpath(root, name)).mode) for (root, dirs, files) in walkdir(folder) for name in [dirs; files]])

calls(world) = isfile(at(world, "log")) ? readlines(at(world, "log")) : String[]

quiet(f, arguments...; keywords...) = f(arguments...; io = IOBuffer(), keywords...)

function said(f)
    io = IOBuffer()
    f(io)
    return String(take!(io))
end

function error_of(f)
    try
        f()
    catch problem
        return problem
    end
    return nothing
end

only_entry(folder) = joinpath(folder, first(readdir(folder)))

# Runs SigPkg in a process of its own, which ends itself at a step. Gives its exit status.
function in_child(world, code)
    script = """
        import SigPkg, Pkg
        append!(empty!(DEPOT_PATH), $(repr(DEPOT_PATH)))
        Base.ACTIVE_PROJECT[] = $(repr(world.project))
        $code
        """
    load = pkgdir_of_sigpkg()
    process = run(pipeline(ignorestatus(setenv(`$(Base.julia_cmd()) --startup-file=no --project=$load -e $script`,
                                               merge(Dict(ENV), Dict("JULIA_LOAD_PATH" => "@:@stdlib")))); stdout = devnull, stderr = at(world, "stderr")))
    return process.exitcode
end

pkgdir_of_sigpkg() = dirname(SigPkg.SOURCE)

"Runs code in an interactive Julia on a pseudo-terminal, and types a line; gives what is on the screen."
function on_terminal(world, code, typed)
    file = at(world, "interactive.jl")
    write(file, """
        import SigPkg, Pkg
        append!(empty!(DEPOT_PATH), $(repr(DEPOT_PATH)))
        Base.ACTIVE_PROJECT[] = $(repr(world.project))
        try
            $code
        catch problem
            showerror(stderr, problem)
        end
        exit()
        """)
    julia = join(Base.shell_escape.([Base.julia_cmd().exec; "--startup-file=no"; "--project=$(pkgdir_of_sigpkg())"; "-i"; file]), ' ')
    command = setenv(`script -qec $julia /dev/null`, merge(Dict(ENV), Dict("JULIA_LOAD_PATH" => "@:@stdlib", "TERM" => "xterm")))
    input, output = Pipe(), IOBuffer()
    process = run(pipeline(ignorestatus(command); stdin = input, stdout = output, stderr = output); wait = false)
    write(input, typed, "\n") # kept by the terminal until it is asked for
    wait(process)
    close(input)
    return String(take!(output))
end
