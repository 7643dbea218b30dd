# Two trees of one package whose folders in a depot have the same name. The name is five digits of base 62 of a CRC-32C,
# under 30 bits, so that among 2^17 trees of each side some twenty pairs are expected (2^34 pairs, 2^29.8 names).

git_hash(kind, content::Vector{UInt8}) = SHA.sha1(vcat(codeunits("$kind $(length(content))\0"), content))

# The content of a tree object: its entries in git's order, each a mode, a name and the bytes of a hash.
git_tree(entries) =
    reduce(vcat, (vcat(codeunits("$mode $name\0"), hash) for (mode, name, hash) in entries); init=UInt8[])

entries(lines) = [(lstrip(mode, '0'), name, hex2bytes(hash)) for (mode, name, hash) in lines]

replaced(list, name, entry) = [listed[2] == name ? entry : listed for listed in list]

"""
    collide(uuid, repository, good, evil)

`good` and `evil` are revisions of the repository. Both have a folder `tide` of data files; whether those can be executed
is not signed, so that one signed release has many trees. `evil` has a file `src/nonce` to vary. Writes one tree of each,
with the same slug, into the repository, and gives `GOOD EVIL` in hexadecimal.
"""
function collide(uuid, repository, good, evil; tries=2^17)
    git(arguments...) = readchomp(`git -C $repository $arguments`)
    list(tree) = [(mode, name, hash) for (mode, kind, hash, name) in split.(split(git("ls-tree", tree), '\n'), Ref(r"[ \t]"))]
    package = UUID(uuid)
    slug_of(tree) = Base.version_slug(package, Base.SHA1(tree))

    top, data = entries(list(good)), entries(list("$good:tide"))
    length(data) >= 17 || error("too few data files for 2^17 trees: $(length(data))")
    function good_tree(number)
        flipped = [((number >> (i - 1)) & 1 == 1 ? "100755" : "100644", data[i][2], data[i][3]) for i in eachindex(data)]
        folder = git_tree(flipped)
        return git_tree(replaced(top, "tide", ("40000", "tide", git_hash("tree", folder)))), folder
    end

    evil_top, evil_src = entries(list(evil)), entries(list("$evil:src"))
    function evil_tree(number)
        nonce = Vector{UInt8}(string(number, "\n"))
        folder = git_tree(replaced(evil_src, "nonce", ("100644", "nonce", git_hash("blob", nonce))))
        return git_tree(replaced(evil_top, "src", ("40000", "src", git_hash("tree", folder)))), folder, nonce
    end

    slugs = Dict(slug_of(git_hash("tree", first(good_tree(number)))) => number for number in 0:tries-1)
    for number in 0:8tries
        number_of_good = get(slugs, slug_of(git_hash("tree", first(evil_tree(number)))), nothing)
        number_of_good === nothing && continue
        function write(kind, content)
            return bytes2hex(git_hash(kind, content)) == strip(read(pipeline(IOBuffer(content),
                `git -C $repository hash-object -t $kind -w --stdin`), String)) || error("git has another hash")
        end
        good_top, good_folder = good_tree(number_of_good)
        top, folder, nonce = evil_tree(number)
        write("tree", good_folder), write("tree", good_top)
        write("blob", nonce), write("tree", folder), write("tree", top)
        return string(bytes2hex(git_hash("tree", good_top)), " ", bytes2hex(git_hash("tree", top)))
    end
    error("no two trees have the same slug")
end
