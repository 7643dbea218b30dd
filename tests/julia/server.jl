# A package server on 127.0.0.1, and a git host that makes tarballs: what Pkg asks of either, and nothing else.
#
#   julia server.jl WORLD ADDRESS     the folder of a world, and the file that the address is written to
#
#   /registries               the registry and the tree of its newest commit
#   /registry/UUID/TREE       that tree
#   /package/UUID/TREE        a tree of WORLD/repositories/NAME, whose name for the UUID is in WORLD/uuids
#   /archive/NAME/TREE        the same with one folder at the top, as a git host has it
#
# Each request that was answered is a line of WORLD/served.

using Sockets

const world, address = ARGS

repository(name) = joinpath(world, "repositories", basename(name))

name_of(uuid) = readchomp(joinpath(world, "uuids", basename(uuid)))

function answer(path)
    parts = split(path, '/'; keepempty=false)
    registry = joinpath(world, "registry")
    if parts == ["registries"]
        tree = readchomp(`git -C $registry rev-parse 'HEAD^{tree}'`)
        return Vector{UInt8}("/registry/$(readchomp(joinpath(world, "registry-uuid")))/$tree\n")
    elseif length(parts) == 3 && parts[1] == "registry"
        return tarball(registry, parts[3])
    elseif length(parts) == 3 && parts[1] == "package"
        return tarball(repository(name_of(parts[2])), parts[3])
    elseif length(parts) == 3 && parts[1] == "archive"
        return tarball(repository(parts[2]), parts[3], `--prefix=$(parts[2])-$(parts[3])/`)
    end
    error("there is no $path")
end

# Julia 1.5 unpacks no more than gzip.
tarball(repository, tree, options=``) = read(`git -C $repository archive --format=tar.gz $options $tree`)

function serve(socket)
    request = readline(socket)
    while !isempty(readline(socket)) end
    path = split(request, ' ')[2]
    status, body = try
        "200 OK", answer(path)
    catch error
        println(stderr, request, ": ", sprint(showerror, error))
        "404 Not Found", UInt8[]
    end
    startswith(status, "200") && open(io -> println(io, path), joinpath(world, "served"), "a")
    write(socket, "HTTP/1.1 $status\r\nContent-Length: $(length(body))\r\nConnection: close\r\n\r\n", body)
end

# A network namespace begins with its loopback interface down. This is `ip link set lo up`, which not every system has.
function raise_loopback()
    request = zeros(UInt8, 40)                   # struct ifreq of Linux
    request[1:2] = codeunits("lo")
    descriptor = ccall(:socket, Cint, (Cint, Cint, Cint), 2, 2, 0)          # AF_INET, SOCK_DGRAM
    request[17] = 0x41                           # IFF_UP | IFF_RUNNING
    failed = ccall(:ioctl, Cint, (Cint, Culong, Ptr{UInt8}...), descriptor, 0x8914, request)  # SIOCSIFFLAGS
    ccall(:close, Cint, (Cint,), descriptor)
    failed == 0 || error("the loopback interface cannot be raised")
end

raise_loopback()
port, listener = listenany(ip"127.0.0.1", 8000)
write(address * ".new", "http://127.0.0.1:$port\n")
mv(address * ".new", address)
while true
    socket = accept(listener)
    @async try
        serve(socket)
    finally
        close(socket)
    end
end
