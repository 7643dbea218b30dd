using Test
import Pkg
import SigPkg

include("worlds.jl")

@testset "SigPkg" begin

@testset "an upgrade that is accepted is applied, and built only after the verdict" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        report = quiet(SigPkg.add, "Good")
        @test report.applied
        @test installed_version(world, "Good") == "1.0.0"
        @test built(world) == ["Good 1.0.0"]
        release(world, "Good", "1.1.0")
        rm(at(world, "built"))
        withenv("FAKE_THEN" => "test -e $(at(world, "built")) && touch $(at(world, "too-early")) || true") do
            rm(at(world, "log"))
            @test quiet(SigPkg.up).applied
        end
        @test installed_version(world, "Good") == "1.1.0"
        @test built(world) == ["Good 1.1.0"]
        @test !ispath(at(world, "too-early"))
        @test !ispath(SigPkg.journal_folder())
        @test length(calls(world)) == 2 # the plan, and what was applied
    end
end

@testset "a refused upgrade leaves environment and depot as they were, and builds nothing" begin
    with_world() do world
        release(world, "Bad", "1.0.0")
        quiet(SigPkg.add, "Bad"; build = false)
        release(world, "Bad", "1.1.0"; verdict = "refused forged")
        before = state(world)
        problem = error_of(() -> quiet(SigPkg.up))
        @test problem isa SigPkg.SigPkgError
        @test occursin("Bad is refused (forged)", sprint(showerror, problem))
        @test [judged.name for judged in problem.refused] == ["Bad"]
        @test state(world) == before
        @test isempty(built(world))
    end
end

@testset "undecided, unreadable and missing are in the way as well" begin
    for answer in ("undecided reserve", "unreadable gone", "not-installed x")
        with_world() do world
            release(world, "Bad", "1.0.0"; verdict = answer)
            before = state(world)
            problem = error_of(() -> quiet(SigPkg.add, "Bad"))
            @test occursin("Bad is $(first(split(answer)))", problem.message)
            @test state(world) == before
            @test isempty(built(world))
        end
    end
end

@testset "what nobody signed is shown and taken, and refused with strict" begin
    with_world() do world
        release(world, "Plain", "1.0.0"; verdict = "unsigned none")
        before = state(world)
        @test occursin("Plain is unsigned", error_of(() -> quiet(SigPkg.add, "Plain"; strict = true)).message)
        @test state(world) == before
        shown = said(io -> SigPkg.add("Plain"; io = io, build = false))
        @test occursin("Plain [$(uuid_of("Plain")[1:8])]  + v1.0.0  unsigned", shown)
        @test !occursin("\e[", shown)
    end
end

@testset "the table shows the name, the first of the UUID, and both versions" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        quiet(SigPkg.add, "Good"; build = false)
        release(world, "Good", "1.1.0")
        before = state(world)
        shown = said(io -> SigPkg.up(; io = io, dry_run = true))
        @test occursin("Good [$(uuid_of("Good")[1:8])]  v1.0.0 -> v1.1.0  accepted", shown)
        @test state(world) == before
    end
end

@testset "a refused package is held back and the others go on" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        release(world, "Bad", "1.0.0")
        quiet(SigPkg.add, ["Good", "Bad"]; build = false)
        release(world, "Good", "1.1.0")
        release(world, "Bad", "1.1.0"; verdict = "refused forged")
        project = read(joinpath(world.project, "Project.toml"), String)
        @test quiet(SigPkg.up; hold = true).applied
        @test installed_version(world, "Good") == "1.1.0"
        @test installed_version(world, "Bad") == "1.0.0"
        @test !occursin("pinned", read(manifest(world), String))
        @test read(joinpath(world.project, "Project.toml"), String) == project
        @test built(world) == ["Good 1.1.0"]
        @test length(readdir(joinpath(world.depot, "packages", "Bad"))) == 1
        # The hold is for that plan alone: the next one asks again.
        @test occursin("Bad is refused", sprint(showerror, error_of(() -> quiet(SigPkg.up))))
    end
end

@testset "an indirect dependency is held back, and does not become a direct one" begin
    with_world() do world
        release(world, "Deep", "1.0.0")
        release(world, "Top", "1.0.0"; deps = ["Deep"])
        quiet(SigPkg.add, "Top"; build = false)
        release(world, "Deep", "1.1.0"; verdict = "refused forged")
        release(world, "Top", "1.1.0"; deps = ["Deep"])
        project = read(joinpath(world.project, "Project.toml"), String)
        @test quiet(SigPkg.up; hold = true, build = false).applied
        @test installed_version(world, "Top") == "1.1.0"
        @test installed_version(world, "Deep") == "1.0.0"
        @test !occursin("pinned", read(manifest(world), String))
        @test read(joinpath(world.project, "Project.toml"), String) == project
    end
end

@testset "what cannot be held back is refused: nothing older is installed, or the rest needs the newer" begin
    with_world() do world
        release(world, "New", "1.0.0"; verdict = "refused forged")
        before = state(world)
        @test occursin("New is refused (forged)", error_of(() -> quiet(SigPkg.add, "New"; hold = true)).message)
        @test state(world) == before
        release(world, "Base1", "1.0.0")
        quiet(SigPkg.add, "Base1"; build = false)
        release(world, "Base1", "1.1.0"; verdict = "refused forged")
        release(world, "Needs", "1.0.0"; deps = ["Base1"], compat = Dict("Base1" => "1.1"))
        before = state(world)
        problem = error_of(() -> quiet(SigPkg.add, "Needs"; hold = true))
        @test problem isa SigPkg.SigPkgError
        @test occursin("Pkg cannot plan this", problem.message)
        @test state(world) == before
    end
end

@testset "a user's own pin stays" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        release(world, "Bad", "1.0.0")
        quiet(SigPkg.add, ["Good", "Bad"]; build = false)
        text = SigPkg.pinned_text(read(manifest(world), String), Set([uuid_of("Good")]), "")
        write(manifest(world), text)
        release(world, "Good", "1.1.0")
        release(world, "Bad", "1.1.0"; verdict = "refused forged")
        release(world, "Other", "1.0.0")
        @test quiet(SigPkg.add, "Other"; hold = true, build = false).applied
        @test installed_version(world, "Good") == "1.0.0"
        @test count("pinned = true", read(manifest(world), String)) == 1
    end
end

@testset "a tree that changes after the verdict is not installed" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        before = state(world)
        tamper = "for d in \"\$1\"/packages/Good/*/src; do chmod -R u+w \"\$d\"; echo evil >>\"\$d/Good.jl\"; done"
        problem = withenv(() -> error_of(() -> quiet(SigPkg.add, "Good")), "FAKE_THEN" => tamper)
        @test problem isa SigPkg.SigPkgError
        @test occursin("no more what was judged", problem.message)
        @test state(world) == before
        @test isempty(built(world))
    end
end

@testset "nothing is fetched a second time: a source that lies later is not asked" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        gone = "mv $(at(world, "packages")) $(at(world, "gone"))"
        report = withenv(() -> quiet(SigPkg.add, "Good"; build = false), "FAKE_THEN" => gone)
        @test report.applied
        @test installed_version(world, "Good") == "1.0.0"
    end
end

@testset "an environment that changes during the verdict is not overwritten" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        release(world, "Other", "1.0.0")
        quiet(SigPkg.add, "Other"; build = false)
        rm(at(world, "log"))
        edit = "echo '# edited' >>$(joinpath(world.project, "Project.toml"))"
        depot = SigPkg.tree_digest(world.depot)
        problem = withenv(() -> error_of(() -> quiet(SigPkg.add, "Good")), "FAKE_THEN" => edit)
        @test occursin("has changed while the plan was judged", problem.message)
        @test SigPkg.tree_digest(world.depot) == depot
        @test occursin("# edited", read(joinpath(world.project, "Project.toml"), String))
        @test installed_version(world, "Good") === nothing
    end
end

@testset "what is accepted as planned and not as installed is put back" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        quiet(SigPkg.add, "Good"; build = false)
        release(world, "Good", "1.1.0")
        release(world, "Extra", "1.0.0")
        before = state(world)
        rm(at(world, "log"))
        withenv("FAKE_REFUSE_FROM" => "2") do
            problem = error_of(() -> quiet(SigPkg.up))
            @test occursin("everything was put back", problem.message)
            @test state(world) == before
            rm(at(world, "log"))
            @test occursin("everything was put back", error_of(() -> quiet(SigPkg.add, "Extra")).message)
        end
        @test state(world) == before
        @test isempty(built(world))
    end
end

@testset "a tampered depot is refused, and a replaced tree is shown" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        quiet(SigPkg.add, "Good"; build = false)
        quiet(SigPkg.verify)
        release(world, "Good", "1.0.0"; replace = true, files = Dict("new.txt" => "another tree of the same version"))
        @test occursin("v1.0.0, tree ", said(io -> SigPkg.up(; io = io, dry_run = true)))
        slug = only_entry(joinpath(world.depot, "packages", "Good"))
        file = joinpath(slug, "src", "Good.jl")
        chmod(file, 0o644)
        open(io -> println(io, "# edited"), file, "a")
        problem = error_of(() -> quiet(SigPkg.verify))
        @test occursin("Good is refused (tree-differs)", problem.message)
        @test occursin("refused", said(io -> SigPkg.status(; io = io)))
    end
end

@testset "instantiate installs what the manifest names, or nothing" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        release(world, "Bad", "1.0.0"; verdict = "unsigned none")
        quiet(SigPkg.add, ["Good", "Bad"]; build = false)
        files = Dict(name => read(joinpath(world.project, name)) for name in readdir(world.project))
        for name in ("Good", "Bad")
            SigPkg.remove_tree(joinpath(world.depot, "packages", name))
        end
        before = state(world)
        @test occursin("Bad is unsigned", error_of(() -> quiet(SigPkg.instantiate; strict = true)).message)
        @test state(world) == before
        @test quiet(SigPkg.instantiate).applied
        @test Dict(name => read(joinpath(world.project, name)) for name in readdir(world.project)) == files
        @test sort(built(world)) == ["Bad 1.0.0", "Good 1.0.0"]
        @test !quiet(SigPkg.instantiate).applied
    end
end

@testset "instantiate without a manifest makes one, of what the updated registry has" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        write(joinpath(world.project, "Project.toml"), "[deps]\nGood = \"$(uuid_of("Good"))\"\n")
        @test quiet(SigPkg.instantiate; build = false).applied
        @test installed_version(world, "Good") == "1.0.0"
    end
end

@testset "pins beside the project are judged with the copy" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        write(joinpath(world.project, "Signatories.toml"), "# refuse Good\n")
        before = state(world)
        @test occursin("Good is refused (pin)", error_of(() -> quiet(SigPkg.add, "Good")).message)
        @test state(world) == before
    end
end

@testset "developed packages keep their relative paths" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        release(world, "Mine", "1.0.0"; deps = ["Good"])
        mv(at(world, "packages", "Mine"), joinpath(world.project, "Mine"))
        write(joinpath(world.project, "Project.toml"), "[deps]\nMine = \"$(uuid_of("Mine"))\"\n")
        write(manifest(world), "[[Mine]]\ndeps = [\"Good\"]\npath = \"Mine\"\nuuid = \"$(uuid_of("Mine"))\"\nversion = \"1.0.0\"\n\n" *
                               "[[Good]]\ngit-tree-sha1 = \"$(git_says(at(world, "packages", "Good"), "rev-parse", "HEAD:"))\"\nuuid = \"$(uuid_of("Good"))\"\nversion = \"1.0.0\"\n")
        @test quiet(SigPkg.instantiate; build = false).applied
        release(world, "Good", "1.1.0")
        @test quiet(SigPkg.up; build = false, mode = Pkg.PKGMODE_MANIFEST).applied
        @test installed_version(world, "Good") == "1.1.0"
        @test occursin("path = \"Mine\"", read(manifest(world), String))
    end
end

@testset "a version that is yanked in the updated registry is not planned, and the user's registry waits for the verdict" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        release(world, "Good", "1.1.0")
        run(pipeline(`git -C $(joinpath(world.depot, "registries", "Test")) pull -q`; stderr = devnull))
        versions = at(world, "registry", "Good", "Versions.toml")
        write(versions, rstrip(read(versions, String)) * "\nyanked = true\n")
        git(at(world, "registry"), "commit", "-q", "-a", "-m", "Yank Good 1.1.0")
        registry = SigPkg.tree_digest(joinpath(world.depot, "registries"))
        quiet(SigPkg.add, "Good"; dry_run = true)
        @test SigPkg.tree_digest(joinpath(world.depot, "registries")) == registry
        quiet(SigPkg.add, "Good"; build = false)
        @test installed_version(world, "Good") == "1.0.0"
        @test SigPkg.tree_digest(joinpath(world.depot, "registries")) != registry
    end
end

@testset "without an update, the registries stay as they are" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        registry = SigPkg.tree_digest(joinpath(world.depot, "registries"))
        problem = error_of(() -> quiet(SigPkg.add, "Good"; update_registry = false))
        @test problem isa SigPkg.SigPkgError
        @test SigPkg.tree_digest(joinpath(world.depot, "registries")) == registry
    end
end

@testset "packages of a second depot are seen, and stay there" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        quiet(SigPkg.add, "Good"; build = false)
        first_depot = mkdir(at(world, "first"))
        pushfirst!(DEPOT_PATH, first_depot)
        release(world, "More", "1.0.0")
        run(pipeline(`git -C $(joinpath(world.depot, "registries", "Test")) pull -q`; stderr = devnull))
        second = SigPkg.tree_digest(world.depot)
        @test quiet(SigPkg.add, "More"; build = false).applied
        @test readdir(joinpath(first_depot, "packages")) == ["More"]
        @test SigPkg.tree_digest(world.depot) == second
    end
end

@testset "offline, what is installed is enough" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        quiet(SigPkg.add, "Good"; build = false)
        release(world, "Good", "1.1.0")
        before = state(world)
        Pkg.offline(true)
        try
            @test !quiet(SigPkg.up).applied
        finally
            Pkg.offline(false)
        end
        @test state(world) == before
    end
end

@testset "preserve and level reach Pkg" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        quiet(SigPkg.add, "Good"; build = false)
        release(world, "Good", "1.0.1")
        release(world, "Good", "1.1.0")
        release(world, "Extra", "1.0.0")
        quiet(SigPkg.up; level = Pkg.UPLEVEL_PATCH, build = false)
        @test installed_version(world, "Good") == "1.0.1"
        quiet(SigPkg.add, "Extra"; preserve = Pkg.PRESERVE_NONE, build = false)
        @test installed_version(world, "Good") == "1.1.0"
    end
end

@testset "killed at any step, the next run puts everything back; after the commit, everything stays" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        release(world, "Other", "1.0.0")
        quiet(SigPkg.add, "Good"; build = false)
        release(world, "Good", "1.1.0"; deps = ["Other"])
        before = state(world)
        # The world is as it was after each of them, but for the last.
        for step in ["locked", "staged 1", "staged 2", "journal", "folders", "tree 1", "tree 2", "file Manifest.toml", "checked", "committed"]
            status = in_child(world, """
                SigPkg.STEP[] = step -> step == $(repr(step)) && ccall(:_exit, Cvoid, (Cint,), 77)
                SigPkg.up(; build = false)
                """)
            @test (step, status) == (step, 77)
            @test ispath(SigPkg.journal_folder())
            @test SigPkg.recover(; io = IOBuffer())
            @test !ispath(SigPkg.journal_folder())
            if step == "committed"
                @test installed_version(world, "Good") == "1.1.0"
                quiet(SigPkg.verify)
            else
                @test state(world) == before
            end
            @test !SigPkg.recover(; io = IOBuffer())
        end
    end
end

@testset "the steps that are tested are those that there are" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        steps = String[]
        SigPkg.STEP[] = step -> push!(steps, step)
        try
            quiet(SigPkg.add, "Good"; build = false)
        finally
            SigPkg.STEP[] = step -> nothing
        end
        @test steps == ["locked", "staged 1", "journal", "folders", "tree 1", "file Manifest.toml", "file Project.toml", "checked", "committed"]
    end
end

@testset "interrupted while it is judged, nothing has changed and nothing is left behind" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        before = state(world)
        scratch = mkdir(at(world, "scratch"))
        script = """
            Base.exit_on_sigint(false)
            import SigPkg, Pkg
            append!(empty!(DEPOT_PATH), $(repr(DEPOT_PATH)))
            Base.ACTIVE_PROJECT[] = $(repr(world.project))
            try
                SigPkg.add("Good")
            catch # an InterruptException, or one of a task that it hit, in which it is wrapped
                exit(78)
            end
            """
        environment = merge(Dict(ENV), Dict("JULIA_LOAD_PATH" => "@:@stdlib", "FAKE_SLEEP" => "30", "TMPDIR" => scratch))
        command = setenv(ignorestatus(`$(Base.julia_cmd()) --startup-file=no --project=$(pkgdir_of_sigpkg()) -e $script`), environment)
        process = run(pipeline(command; stdout = devnull, stderr = at(world, "stderr")); wait = false)
        judging = () -> any(isdir(joinpath(scratch, place, "depot", "packages")) for place in readdir(scratch))
        timedwait(judging, 120.0; pollint = 0.2)
        sleep(1.5)
        kill(process, Base.SIGINT)
        wait(process)
        @test process.exitcode == 78
        @test isempty(filter(startswith("sigpkg_"), readdir(scratch)))
        @test state(world) == before
    end
end

@testset "two at once: the second is refused while the first applies" begin
    with_world() do world
        mkpath(SigPkg.journal_folder())
        other = run(`sleep 60`; wait = false)
        SigPkg.write_toml(joinpath(SigPkg.journal_folder(), "owner.toml"), Dict("pid" => Int(getpid(other)), "host" => gethostname(), "made" => String[]))
        @test occursin("another SigPkg", error_of(() -> quiet(SigPkg.up)).message)
        kill(other)
        wait(other)
        SigPkg.write_toml(joinpath(SigPkg.journal_folder(), "owner.toml"), Dict("pid" => 1, "host" => "elsewhere", "made" => String[]))
        @test occursin("machine elsewhere", error_of(() -> quiet(SigPkg.up)).message)
        @test SigPkg.recover(; force = true, io = IOBuffer())
        @test !ispath(SigPkg.journal_folder())
    end
end

@testset "the binary is looked for, and a wrong one is named" begin
    with_world() do world
        withenv("SIGPKG" => nothing, "PATH" => "/nowhere") do
            @test occursin("no sigpkg on the PATH", error_of(() -> quiet(SigPkg.up)).message)
        end
        withenv("SIGPKG" => "/nowhere/sigpkg") do
            @test occursin("SIGPKG names /nowhere/sigpkg, which is no program", error_of(() -> quiet(SigPkg.up)).message)
        end
        @test occursin("the keyword sigpkg names", error_of(() -> quiet(SigPkg.up; sigpkg = "/nowhere")).message)
        withenv("FAKE_VERSION" => "0.0.9") do
            @test occursin("is sigpkg 0.0.9, and SigPkg needs 0.1.0", error_of(() -> quiet(SigPkg.up)).message)
        end
        @test occursin("so it is not sigpkg", error_of(() -> quiet(SigPkg.up; sigpkg = "/bin/echo")).message)
    end
end

@testset "an answer that is cut short, or is about another tree, is no answer" begin
    entry = "{\"schema\":\"sigpkg.project-entry/1\",\"name\":\"A\",\"uuid\":\"u\",\"version\":null,\"tree\":null,\"path\":null,\"state\":\"accepted\",\"fails\":false}\n"
    summary = "{\"schema\":\"sigpkg.project/1\",\"verdict\":\"accepted\"}\n"
    @test length(SigPkg.read_answer(entry * summary, 0).judged) == 1
    for (text, status) in ((entry, 0), ("", 0), (entry * summary, 1), (entry * summary * entry, 0), ("{}\n", 0), (replace(entry, "false" => "0") * summary, 0))
        @test error_of(() -> SigPkg.read_answer(text, status)) isa SigPkg.SigPkgError
    end
end

@testset "environments that cannot be copied are refused by name" begin
    with_world() do world
        project = joinpath(world.project, "Project.toml")
        write(project, "[workspace]\nprojects = [\"test\"]\n")
        @test occursin("root of a workspace", error_of(() -> quiet(SigPkg.up)).message)
        write(project, "manifest = \"../Manifest.toml\"\n")
        @test occursin("keeps its manifest elsewhere", error_of(() -> quiet(SigPkg.up)).message)
        rm(project)
        write(at(world, "Project.toml"), "[workspace]\nprojects = [\"project\"]\n")
        @test occursin("member of the workspace", error_of(() -> quiet(SigPkg.up)).message)
        rm(at(world, "Project.toml"))
        write(at(world, "elsewhere.toml"), "")
        symlink(at(world, "elsewhere.toml"), project)
        @test occursin("is a link", error_of(() -> quiet(SigPkg.up)).message)
    end
end

@testset "a package is added by its URL" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        quiet(SigPkg.add; url = at(world, "packages", "Good"))
        @test installed_version(world, "Good") == "1.0.0"
        @test occursin("repo-url", read(manifest(world), String))
        @test built(world) == ["Good 1.0.0"]
        release(world, "Good", "1.1.0"; verdict = "refused forged")
        before = state(world)
        @test occursin("Good is refused (forged)", error_of(() -> quiet(SigPkg.up)).message)
        @test state(world) == before
        @test occursin("is relative", error_of(() -> quiet(SigPkg.add; url = "packages/Good")).message)
    end
end

@testset "on a terminal it asks whether to hold back, in colour" begin
    with_world() do world
        release(world, "Good", "1.0.0")
        release(world, "Bad", "1.0.0")
        quiet(SigPkg.add, ["Good", "Bad"]; build = false)
        release(world, "Good", "1.1.0")
        release(world, "Bad", "1.1.0"; verdict = "refused forged")
        before = state(world)
        shown = on_terminal(world, "SigPkg.up(; build = false)", "n")
        @test occursin("Plan again with Bad held back? [y/N]", shown)
        @test occursin("\e[", shown)
        @test state(world) == before
        on_terminal(world, "SigPkg.up(; build = false)", "y")
        @test (installed_version(world, "Good"), installed_version(world, "Bad")) == ("1.1.0", "1.0.0")
    end
end

@testset "in the planner, nothing can start a Julia process" begin
    script = """
        import Pkg
        include($(repr(joinpath(SigPkg.SOURCE, "pkg_internals.jl"))))
        silence_package_code!()
        context = Pkg.Types.Context()
        @assert Pkg.Operations.build_versions(context, Base.UUID[]; verbose = true) === nothing
        @assert Pkg.Operations.build_versions(context, Base.UUID[]) === nothing
        @assert Pkg.Operations.download_artifacts(context, Pkg.Types.PackageSpec[]) === nothing
        try
            Base.julia_cmd()
        catch problem
            exit(occursin("before the verdict", problem.msg) ? 76 : 1)
        end
        """
    @test run(ignorestatus(`$(Base.julia_cmd()) --startup-file=no -e $script`)).exitcode == 76
end

@testset "an unknown Julia is refused" begin
    @test SigPkg.julia_is_known(v"1.5.3") && SigPkg.julia_is_known(v"1.12.1")
    @test !SigPkg.julia_is_known(v"1.4.2") && !SigPkg.julia_is_known(v"1.14.0-DEV.1") && !SigPkg.julia_is_known(v"2.0.0")
    @test occursin("this is Julia 2.0.0", SigPkg.unknown_julia(v"2.0.0"))
end

@testset "JSON is read, or refused" begin
    @test SigPkg.Json.parse(" {\"a\" : [1, -2.5e1, \"x\\u00e9\\ud83d\\ude00\\n\", true, false, null], \"b\":{}} ") ==
          Dict("a" => Any[1, -25.0, "xé😀\n", true, false, nothing], "b" => Dict())
    for text in ("", "{", "[1,]", "{\"a\":1,}", "01", "\"\\x\"", "\"\\ud800\"", "nul", "1 2", "\"\n\"", "[" ^ 100, "+1", "{1:2}")
        @test error_of(() -> SigPkg.Json.parse(text)) isa SigPkg.Json.Malformed
    end
end

@testset "both forms of manifest are read, and paths are rewritten in nothing else" begin
    first_form = "[[A]]\nuuid = \"AAAAAAAA-0000-5000-8000-000000000000\"\npath = \"../A\"\n"
    second_form = "julia_version = \"1.12.0\"\nmanifest_format = \"2.0\"\nproject_hash = \"x\"\n\n[[deps.A]]\npath = \"../A\"\nuuid = \"aaaaaaaa-0000-5000-8000-000000000000\"\n\n    [deps.A.weakdeps]\n    path = \"../B\"\n"
    for text in (first_form, second_form)
        @test SigPkg.dependencies(Pkg.TOML.parse(text), "")["aaaaaaaa-0000-5000-8000-000000000000"].origin == "../A"
    end
    to = origin -> "/elsewhere/" * basename(origin)
    @test occursin("path = \"/elsewhere/A\"", SigPkg.moved_text(to, SigPkg.changed_manifest!, first_form, "m"))
    @test error_of(() -> SigPkg.moved_text(to, SigPkg.changed_manifest!, second_form, "m")) isa SigPkg.SigPkgError
    sources = "[deps]\nA = \"x\"\n\n[sources]\nA = {path = \"../A\"}\nB = {url = \"https://example.org/B.git\", rev = \"main\"}\n"
    @test occursin("A = {path = \"/elsewhere/A\"}", SigPkg.moved_text(origin -> startswith(origin, "..") ? to(origin) : origin, SigPkg.changed_project!, sources, "p"))
end

@testset "text of others cannot write over the screen" begin
    @test SigPkg.printable("a\e[2Jb\r\nc") == "a?[2Jb??c"
end

include("hostile.jl")

# The stand-in cannot show that the two agree on what they say to each other.
haskey(ENV, "SIGPKG_REAL") && include("real.jl")

end
