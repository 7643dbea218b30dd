# What strangers, their files and the surroundings can do to a plan before anything was judged.

"Lets the registry call a package by another name, also where others depend on it."
function rename_in_registry(world, name, to)
    edit(file, change) = isfile(file) && write(file, change(read(file, String)))
    edit(at(world, "registry", "Registry.toml"), text -> replace(text, "name = \"$name\"" => "name = \"$to\""))
    edit(at(world, "registry", name, "Package.toml"), text -> replace(text, "name = \"$name\"" => "name = \"$to\""))
    for other in readdir(at(world, "registry"))
        edit(at(world, "registry", other, "Deps.toml"), text -> replace(text, "$name = " => "\"$to\" = "))
    end
    git(at(world, "registry"), "commit", "-q", "-a", "-m", "Rename")
end

@testset "a name in a registry leads nowhere out of the throw-away depot" begin
    for direct in (true, false)
        with_world() do world
            release(world, "Bad", "1.0.0")
            release(world, "Good", "1.0.0"; deps = ["Bad"])
            rename_in_registry(world, "Bad", at(world, "escaped"))
            before = state(world)
            problem = error_of(() -> direct ? quiet(SigPkg.add; uuid = uuid_of("Bad")) : quiet(SigPkg.add, "Good"))
            @test problem isa SigPkg.SigPkgError && occursin("could lead out of the depot", problem.message)
            @test !ispath(at(world, "escaped"))
            @test state(world) == before
        end
    end
end

@testset "a registry that is a link, or has its repository behind one, waits for the verdict as well" begin
    for part in ("", ".git")
        with_world() do world
            release(world, "Bad", "1.0.0"; verdict = "refused forged")
            link, real = rstrip(joinpath(world.depot, "registries", "Test", part), '/'), at(world, "elsewhere")
            mv(link, real)
            symlink(real, link)
            before, registry = state(world), SigPkg.tree_digest(real)
            @test occursin("Bad is refused", error_of(() -> quiet(SigPkg.add, "Bad")).message)
            @test state(world) == before
            @test SigPkg.tree_digest(real) == registry
        end
    end
end

@testset "within a hook of git, the repository of the project gets no commit" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        quiet(SigPkg.add, "Good"; build = false)
        git(world.project, "init", "-q")
        git(world.project, "add", "-A")
        git(world.project, "commit", "-q", "-m", "Reviewed")
        before = state(world)
        places = joinpath(world.project, ".git")
        withenv("GIT_DIR" => places, "GIT_INDEX_FILE" => joinpath(places, "index"), "GIT_WORK_TREE" => world.project) do
            @test !quiet(SigPkg.up; base = "HEAD", dry_run = true).applied
        end
        @test state(world) == before
    end
end

@testset "another task of the same Julia does not undo what is being applied" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        problem = nothing
        SigPkg.STEP[] = step -> step == "tree 1" && (problem = error_of(() -> quiet(SigPkg.up)))
        try
            @test quiet(SigPkg.add, "Good"; build = false).applied
        finally
            SigPkg.STEP[] = step -> nothing
        end
        @test problem isa SigPkg.SigPkgError && occursin("another SigPkg of this process", problem.message)
        @test installed_version(world, "Good") == "1.0.0"
    end
end

@testset "a SigPkg that has just begun, and has not said who it is, is waited for" begin
    with_world() do world
        mkpath(SigPkg.journal_folder())
        other = run(`sleep 60`; wait = false)
        @async (sleep(0.5); SigPkg.write_toml(joinpath(SigPkg.journal_folder(), "owner.toml"), Dict("pid" => Int(getpid(other)), "host" => gethostname())))
        @test occursin("another SigPkg (process", error_of(() -> quiet(SigPkg.up)).message)
        @test ispath(joinpath(SigPkg.journal_folder(), "owner.toml"))
        kill(other)
        wait(other)
    end
end

@testset "a depot that cannot be written is named, and nothing has changed" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        run(pipeline(`git -C $(joinpath(world.depot, "registries", "Test")) pull -q`; stderr = devnull))
        write(at(world, "file"), "")
        pushfirst!(DEPOT_PATH, at(world, "file", "depot"))
        before = state(world)
        problem = error_of(() -> quiet(SigPkg.add, "Good"))
        @test problem isa SigPkg.SigPkgError && occursin("nothing can be written to the depot", problem.message)
        @test state(world) == before
    end
end

@testset "a step that fails, as on a full disk, leaves the depot as it was" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        before = state(world)
        for step in ("locked", "staged 1", "journal", "tree 1", "file Manifest.toml")
            SigPkg.STEP[] = now -> now == step && throw(SystemError("write", Libc.ENOSPC))
            try
                @test error_of(() -> quiet(SigPkg.add, "Good")) isa SystemError
            finally
                SigPkg.STEP[] = now -> nothing
            end
            @test (step, state(world)) == (step, before)
        end
    end
end

@testset "startup files, projects and load paths of the user run nothing before the verdict" begin
    with_world() do world
        release(world, "Bad", "1.0.0"; verdict = "refused forged")
        evil = "write($(repr(at(world, "ran"))), \"\")\n"
        mkpath(joinpath(world.depot, "config"))
        write(joinpath(world.depot, "config", "startup.jl"), evil)
        # A package that is called as one of those that the planner needs, where the user's load path has it.
        mkpath(at(world, "loaded", "TOML", "src"))
        write(at(world, "loaded", "TOML", "src", "TOML.jl"), "module TOML\n$(evil)end\n")
        write(at(world, "loaded", "Pkg.jl"), "module Pkg\n$(evil)end\n")
        before = state(world)
        withenv("JULIA_LOAD_PATH" => at(world, "loaded") * ":", "JULIA_PROJECT" => at(world, "loaded")) do
            @test occursin("Bad is refused", error_of(() -> quiet(SigPkg.add, "Bad")).message)
        end
        @test !ispath(at(world, "ran"))
        @test state(world) == before
    end
end

@testset "a manifest or a project that is none is refused in one sentence, which cannot steer a terminal" begin
    uuid = "aaaaaaaa-0000-5000-8000-000000000000"
    with_world() do world
        for text in ("A = [1, 2]", "[[A]]\nuuid = 3", "[[A]]\nuuid = \"\\u001b[2J\"", "[[A]]\nuuid = \"$uuid\"\nversion = 4", "[[A]]\nuuid = \"$uuid\"\ngit-tree-sha1 = 4",
                     "[[A]]\nuuid = \"$uuid\"\ngit-tree-sha1 = \"\\u001b[2J\"", "[[A]]\nuuid = \"$uuid\"\npath = 4", "[[\"../../escaped\"]]\nuuid = \"$uuid\"", "[[\"\\u001b[2J\"]]\nuuid = \"$uuid\"")
            write(manifest(world), text * "\n")
            for f in (SigPkg.up, SigPkg.instantiate)
                problem = error_of(() -> quiet(f))
                @test problem isa SigPkg.SigPkgError
                @test occursin("has an entry for", sprint(showerror, problem)) && !occursin('\e', sprint(showerror, problem))
            end
        end
        rm(manifest(world))
        for text in ("manifest = \"\\u001b[2J\"", "deps = 3", "sources = 3\ndeps = 3", "[deps]\n\"\\u001b[2J\" = \"$uuid\"")
            write(joinpath(world.project, "Project.toml"), text * "\n")
            problem = error_of(() -> quiet(SigPkg.up))
            @test problem isa SigPkg.SigPkgError && !occursin('\e', sprint(showerror, problem))
        end
    end
end
