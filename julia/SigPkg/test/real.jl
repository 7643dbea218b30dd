# The real `sigpkg`, with packages that are really signed (by test keys, which end with the world).

"Runs the real binary as a maintainer or a user; gives what it says."
function person(world, who, arguments...)
    out = IOBuffer()
    process = run(pipeline(ignorestatus(setenv(`$(ENV["SIGPKG_REAL"]) $arguments`, merge(Dict(ENV), Dict("SIGPKG_HOME" => at(world, "home-" * who))))); stdin = devnull, stdout = out, stderr = out))
    said = String(take!(out))
    success(process) || error("sigpkg $(join(arguments, ' ')): $said")
    return said
end

"Commits `.sigpkg` to the repository of a package: for the first version the chain begins."
function signed(world, name)
    return repo -> begin
        isdir(joinpath(repo, ".sigpkg")) || person(world, "maintainer", "-C", repo, "init", "--no-passphrase", "--reserve-out", at(world, "reserve-$name"))
        person(world, "maintainer", "-C", repo, "release", "--yes")
    end
end

id_of(world, name) = strip(person(world, "maintainer", "-C", at(world, "packages", name), "id", "."))

"Pins the head of a package's chain in the project, as `sigpkg trust pin` would."
function pin(world, name)
    said = person(world, "user", "verify", at(world, "packages", name) * "#HEAD", "--json")
    verdict = SigPkg.Json.parse(strip(said))
    write(joinpath(world.project, "Signatories.toml"), """
        sigpkg-pins = 1

        [[pin]]
        name = "$name"
        uuid = "$(uuid_of(name))"
        id = "$(verdict["signatory"])"
        seq = $(verdict["seq"])
        digest = "$(verdict["head"]["digest"])"
        grade = "confirmed"
        """)
end

function with_real_world(f)
    with_world() do world
        withenv("SIGPKG" => ENV["SIGPKG_REAL"], "SIGPKG_HOME" => at(world, "home-user")) do
            f(world)
        end
    end
end

@testset "the real sigpkg: add, trust, upgrade, and what is refused leaves no trace" begin
    with_real_world() do world
        release(world, "Good", "1.0.0"; after = signed(world, "Good"))
        release(world, "Plain", "1.0.0")
        shown = said(io -> SigPkg.add(["Good", "Plain"]; io = io))
        @test occursin(r"Good \[.{8}\]   \+ v1\.0\.0  newly-signed", shown)
        @test occursin(r"Plain \[.{8}\]  \+ v1\.0\.0  unsigned", shown)
        @test occursin("1 of these is signed by somebody you have not trusted yet", shown)
        @test sort(built(world)) == ["Good 1.0.0", "Plain 1.0.0"]
        person(world, "user", "trust", "add", at(world, "packages", "Good") * "#HEAD", "--id", id_of(world, "Good"))

        release(world, "Good", "1.1.0"; after = signed(world, "Good"))
        @test occursin(r"Good \[.{8}\]  v1\.0\.0 -> v1\.1\.0  accepted", said(io -> SigPkg.up(; io = io)))
        @test "Good 1.1.0" in built(world)
        @test length(quiet(SigPkg.verify)) >= 2
        @test occursin("accepted", said(io -> SigPkg.status(; io = io)))

        # A stripped signature. The user's store may learn, but nothing of Julia's changes.
        release(world, "Good", "1.2.0"; after = repo -> (git(repo, "rm", "-rq", ".sigpkg"); git(repo, "commit", "-q", "-m", "Strip")))
        release(world, "Plain", "1.1.0")
        before, builds = state(world), built(world)
        problem = error_of(() -> quiet(SigPkg.up))
        @test occursin("Good is refused (signature-missing)", problem.message)
        @test state(world) == before
        @test quiet(SigPkg.up; hold = true).applied
        @test (installed_version(world, "Good"), installed_version(world, "Plain")) == ("1.1.0", "1.1.0")
        @test built(world) == [builds; "Plain 1.1.0"]
    end
end

@testset "the real sigpkg: a swapped file, an old tree as a new version, and a downgrade" begin
    with_real_world() do world
        first_tree = release(world, "Good", "1.0.0"; after = signed(world, "Good"))
        release(world, "Good", "1.1.0"; after = signed(world, "Good"))
        quiet(SigPkg.add, "Good"; build = false)
        @test installed_version(world, "Good") == "1.1.0"
        person(world, "user", "trust", "add", at(world, "packages", "Good") * "#HEAD", "--id", id_of(world, "Good"))

        versions = at(world, "registry", "Good", "Versions.toml")
        text = read(versions, String)
        function refuses(entry)
            write(versions, entry)
            git(at(world, "registry"), "commit", "-q", "-a", "-m", "Lie")
            before = state(world)
            problem = error_of(() -> quiet(SigPkg.up))
            @test problem isa SigPkg.SigPkgError && [judged.name for judged in problem.refused] == ["Good"]
            @test state(world) == before
            @test isempty(built(world))
            return problem isa SigPkg.SigPkgError ? problem.message : ""
        end
        # The registry calls the old tree a new version.
        @test occursin("Good is refused", refuses(text * "[\"1.3.0\"]\ngit-tree-sha1 = \"$first_tree\"\n\n"))
        # It withdraws the new version, so that Pkg goes back.
        @test occursin("Good is refused (downgrade)", refuses(replace(text, r"\[\"1\.1\.0\"\]\n.*\n\n" => "")))
        # A release with a file that was not signed.
        write(versions, text)
        git(at(world, "registry"), "commit", "-q", "-a", "-m", "Repent")
        release(world, "Good", "1.4.0"; after = repo -> begin
            signed(world, "Good")(repo)
            write(joinpath(repo, "src", "Good.jl"), "module Good\nevil() = 1\nend\n")
            git(repo, "commit", "-q", "-a", "-m", "Slip something in")
        end)
        @test occursin("Good is refused", refuses(read(versions, String) * "\n"))
    end
end

@testset "the real sigpkg: a pin in the project, and from a reviewed revision" begin
    with_real_world() do world
        release(world, "Good", "1.0.0"; after = signed(world, "Good"))
        quiet(SigPkg.add, "Good"; build = false)
        person(world, "user", "trust", "add", at(world, "packages", "Good") * "#HEAD", "--id", id_of(world, "Good"))
        pin(world, "Good")
        git(world.project, "init", "-q")
        git(world.project, "add", "-A")
        git(world.project, "commit", "-q", "-m", "Reviewed")
        # A machine with an empty store, and a pull request that takes the pins away.
        withenv("SIGPKG_HOME" => at(world, "home-ci")) do
            @test quiet(SigPkg.verify; strict = false) isa Vector
            rm(joinpath(world.project, "Signatories.toml"))
            release(world, "Good", "1.1.0"; after = repo -> (git(repo, "rm", "-rq", ".sigpkg"); git(repo, "commit", "-q", "-m", "Strip")))
            before = state(world)
            @test occursin("Good is refused", error_of(() -> quiet(SigPkg.up; base = "HEAD")).message)
            @test state(world) == before
            @test occursin("no git repository with a revision nowhere", error_of(() -> quiet(SigPkg.up; base = "nowhere")).message)
            @test state(world) == before
        end
    end
end
