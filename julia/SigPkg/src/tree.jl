# Digests of installed trees: what is put into the depot must be what was verified.

"""
    tree_digest(folder) -> hexadecimal SHA-256

Of the names, kinds, contents, link targets and executable bits of everything in the folder.

# Errors

[`SigPkgError`](@ref) if something in it is neither a file, a folder nor a link.
"""
function tree_digest(folder::AbstractString)
    context = SHA.SHA256_CTX()
    digest_folder!(context, folder)
    return bytes2hex(SHA.digest!(context))
end

function digest_folder!(context, folder)
    names = sort!(readdir(folder))
    tell!(context, "folder", string(length(names)))
    for name in names
        path = joinpath(folder, name)
        status = lstat(path)
        if islink(status)
            tell!(context, "link", name, readlink(path))
        elseif isdir(status)
            tell!(context, "in", name)
            digest_folder!(context, path)
        elseif isfile(status)
            tell!(context, "file", name, status.mode & 0o100 == 0 ? "-" : "x", bytes2hex(open(SHA.sha256, path)))
        else
            throw(SigPkgError("$path is neither a file, a folder nor a link"))
        end
    end
end

# Each field with its length, so that two trees never read alike.
function tell!(context, fields...)
    for field in fields
        SHA.update!(context, Vector{UInt8}(codeunits(string(ncodeunits(field), ':', field, '\n'))))
    end
end
