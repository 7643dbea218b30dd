# Applying a plan, as a small transaction.
#
# Its journal is the folder `sigpkg-apply` in the first depot, and making that folder takes the lock. The order is: folder,
# staged copies of the trees (each digested again), copies of the user's files as they were, `journal.toml`; from here on a
# recovery has work to do; trees renamed into place, manifest and project replaced by renaming; the verdict over the real
# environment; `journal.toml` removed, which is the commit; the folder removed.
#
# Whoever finds a journal whose process is gone undoes it. Undoing can be done twice.

"Called with the name of each step; tests end the process here."
const STEP = Ref{Any}(step -> nothing)

# Whether a task of this process applies a change: the process that a journal names does not tell.
const APPLYING = Ref(false)

journal_folder() = joinpath(first(user_depots()), "sigpkg-apply")

"A tree to be installed: where it was verified, where it goes, and its digest before the verdict."
struct Install
    from::String
    to::String
    digest::String
end

"""
    apply!(check, plan, installs)

Puts the trees into the first depot and the planned files into the environment, and calls `check()`. If that or anything
else throws, everything is undone and the same is thrown again.

# Errors

[`SigPkgError`](@ref) if a tree or the environment is no more what was judged.
"""
function apply!(check, plan::Plan, installs::Vector{Install})
    journal = journal_folder()
    created = missing_folders([dirname(journal); [dirname(install.to) for install in installs]; [dirname(path) for path in keys(plan.planned)]])
    take_lock(journal)
    APPLYING[] = true
    try
        # A signal from the keyboard waits until this is whole.
        Base.disable_sigint() do
            write_journal(journal, plan, installs, created)
            foreach(folder -> isdir(folder) || mkdir(folder), created)
            STEP[]("folders")
            for (i, install) in enumerate(installs)
                ispath(install.to) && throw(SigPkgError("$(install.to) has appeared while its package was judged"))
                rename_over(joinpath(journal, "trees", string(i)), install.to)
                STEP[]("tree $i")
            end
            for (path, new) in sort!(collect(plan.planned); by = first) # the manifest, then the project
                replace_file(path, new)
                STEP[]("file $(basename(path))")
            end
        end
        check()
        Base.disable_sigint() do
            STEP[]("checked")
            rm(joinpath(journal, "journal.toml"))
            STEP[]("committed")
            remove_tree(journal)
        end
    catch
        Base.disable_sigint(() -> undo(journal))
        rethrow()
    finally
        APPLYING[] = false
    end
end

# Which of these folders, and of those above them, are not there; outermost first.
function missing_folders(folders)
    absent = String[]
    for folder in folders
        while !ispath(folder) && dirname(folder) != folder
            folder in absent || push!(absent, folder)
            folder = dirname(folder)
        end
    end
    return sort!(absent; by = length)
end

function take_lock(journal)
    depot = dirname(journal)
    made = missing_folders([depot])
    try
        mkpath(depot)
        mkdir(journal)
    catch problem
        ispath(journal) && throw(SigPkgError("another SigPkg is applying a change to $depot ($journal)"))
        remove_empty(made)
        throw(SigPkgError("nothing can be written to the depot $depot; nothing was changed: $(sprint(showerror, problem))"))
    end
    try
        # Until there is a journal, this says whose folder it is, and which folders above it are new.
        write_toml(joinpath(journal, "owner.toml"), Dict("pid" => Int(getpid()), "host" => gethostname(), "made" => made))
        STEP[]("locked")
    catch
        remove_tree(journal)
        remove_empty(made)
        rethrow()
    end
end

remove_empty(folders) = foreach(folder -> isdir(folder) && isempty(readdir(folder)) && rm(folder), reverse(folders))

function write_journal(journal, plan::Plan, installs, created)
    mkdir(joinpath(journal, "trees"))
    for (i, install) in enumerate(installs)
        ispath(install.to) && throw(SigPkgError("$(install.to) has appeared while its package was judged"))
        staged = joinpath(journal, "trees", string(i))
        cp(install.from, staged)
        keep_modes(install.from, staged)
        tree_digest(staged) == install.digest || throw(SigPkgError("$(basename(dirname(install.to))) is no more what was judged: its tree has changed since"))
        STEP[]("staged $i")
    end
    files = Dict{String,Any}[]
    for (i, path) in enumerate(sort!(collect(keys(plan.planned))))
        contents(path) == plan.original[path] || throw(SigPkgError("$path has changed while the plan was judged"))
        push!(files, Dict("path" => path, "new" => bytes2hex(SHA.sha256(plan.planned[path])), "existed" => plan.original[path] !== nothing))
        plan.original[path] === nothing || write(joinpath(journal, "old-$i"), plan.original[path])
    end
    # The plan rests on both files, also on one that it does not change.
    for (path, old) in plan.original
        contents(path) == old || throw(SigPkgError("$path has changed while the plan was judged"))
    end
    write_toml(joinpath(journal, "journal.toml"), Dict(
        "pid" => Int(getpid()), "host" => gethostname(), "created" => created,
        "trees" => String[install.to for install in installs],
        "files" => isempty(files) ? String[] : files))
    STEP[]("journal")
end

function write_toml(path, table)
    open(file -> Pkg.TOML.print(file, table), path * ".new", "w")
    mv(path * ".new", path; force = true)
end

# `cp` leaves modes to the umask.
function keep_modes(from, to)
    for name in readdir(from)
        a, b = joinpath(from, name), joinpath(to, name)
        islink(a) && continue
        isdir(a) && keep_modes(a, b)
        chmod(b, filemode(a) & 0o777)
    end
end

# By renaming, so that a reader sees the old file or the new one.
function replace_file(path, bytes)
    new = path * ".sigpkg-new"
    write(new, bytes)
    ispath(path) && chmod(new, filemode(path) & 0o777)
    rename_over(new, path)
end

function rename_over(from, to)
    status = ccall(:jl_fs_rename, Int32, (Cstring, Cstring), from, to)
    status < 0 && throw(SigPkgError("$from cannot be renamed to $to"))
end

"""
    undo(journal)

Takes back whatever of a journal was done: trees that were moved, files that were replaced, folders that were made. What
somebody else has changed since is left alone, with a warning.
"""
function undo(journal)
    isdir(journal) || return
    path = joinpath(journal, "journal.toml")
    created = get(read_toml(joinpath(journal, "owner.toml")), "made", String[])
    if isfile(path)
        plan = read_toml(path)
        created = plan["created"]
        for (i, file) in enumerate(plan["files"])
            undo_file(file["path"], file["new"], file["existed"] ? joinpath(journal, "old-$i") : nothing)
        end
        for (i, tree) in enumerate(plan["trees"])
            # Still staged: then whatever is there is not ours.
            ispath(joinpath(journal, "trees", string(i))) || !ispath(tree) || remove_tree(tree)
        end
    end
    rm(path; force = true)
    remove_tree(journal)
    remove_empty(created)
end

function undo_file(path, new_digest, old)
    rm(path * ".sigpkg-new"; force = true)
    now = contents(path)
    before = old === nothing ? nothing : read(old)
    now == before && return
    if now !== nothing && bytes2hex(SHA.sha256(now)) == new_digest
        if old === nothing
            rm(path)
        else
            replace_file(path, before)
        end
    else
        @warn "$path was changed by someone else, and is left as it is"
    end
end

"""
    SigPkg.recover(; force = false, io = stderr) -> Bool

Undoes a change that was applied halfway, because the process was killed. Every other function of SigPkg begins with this,
so it is seldom called by hand. Says whether there was anything to undo. With `force` it does not ask whether the process
that applied the change is still there; say so only if you know that it is not.

# Errors

[`SigPkgError`](@ref) if another SigPkg is at work in this depot, or one on another machine may be.
"""
function recover(; force::Bool = false, io::IO = stderr)
    journal = journal_folder()
    isdir(journal) || return false
    # It is written a moment after the folder is made.
    file = joinpath(journal, "owner.toml")
    timedwait(() -> isfile(file) || !isdir(journal), force ? 0.1 : 2.0)
    owner = read_toml(file)
    host, pid = get(owner, "host", gethostname()), get(owner, "pid", 0)
    if !force
        host == gethostname() || throw(SigPkgError("a SigPkg on the machine $host is applying a change to $(dirname(journal)), or was stopped in the middle of one; if it is gone, SigPkg.recover(force = true) undoes it"))
        pid == getpid() && APPLYING[] && throw(SigPkgError("another SigPkg of this process is applying a change to $(dirname(journal))"))
        pid != 0 && pid != getpid() && is_alive(pid) && throw(SigPkgError("another SigPkg (process $pid) is applying a change to $(dirname(journal)); if that process is no SigPkg, SigPkg.recover(force = true) undoes what was stopped"))
    end
    say(io, "Recovering", "from a change that was stopped halfway")
    undo(journal)
    return true
end

# Also if it belongs to somebody else.
is_alive(pid) = ccall(:uv_kill, Cint, (Cint, Cint), pid, 0) != Base.UV_ESRCH
