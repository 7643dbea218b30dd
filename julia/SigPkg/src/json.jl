# A reader of JSON (RFC 8259), for the answers of the `sigpkg` binary.

"""
    Json.parse(text) -> Dict, Vector, String, Int, Float64, Bool or nothing

Reads one value. Objects are `Dict{String,Any}`; the last of two equal keys counts.

# Errors

`Json.Malformed` if the text is not one JSON value, or one nested more than 64 deep.
"""
module Json

struct Malformed <: Exception
    at::Int
    expected::String
end

Base.showerror(io::IO, e::Malformed) = print(io, "JSON: expected ", e.expected, " at byte ", e.at)

const MAX_DEPTH = 64 # ours are 3 deep

function parse(text::AbstractString)
    bytes = codeunits(String(text))
    value, at = read_value(bytes, skip_space(bytes, 1), 0)
    at = skip_space(bytes, at)
    at == length(bytes) + 1 || throw(Malformed(at, "the end"))
    return value
end

byte(bytes, at) = at <= length(bytes) ? bytes[at] : 0x00

function skip_space(bytes, at)
    while byte(bytes, at) in (0x20, 0x09, 0x0a, 0x0d)
        at += 1
    end
    return at
end

function read_value(bytes, at, depth)
    depth > MAX_DEPTH && throw(Malformed(at, "fewer than $MAX_DEPTH levels"))
    first = byte(bytes, at)
    first == UInt8('{') && return read_object(bytes, at, depth)
    first == UInt8('[') && return read_array(bytes, at, depth)
    first == UInt8('"') && return read_string(bytes, at)
    for (word, value) in (("true", true), ("false", false), ("null", nothing))
        stop = at + ncodeunits(word)
        stop - 1 <= length(bytes) && bytes[at:stop-1] == codeunits(word) && return value, stop
    end
    return read_number(bytes, at)
end

function read_object(bytes, at, depth)
    object = Dict{String,Any}()
    at = skip_space(bytes, at + 1)
    byte(bytes, at) == UInt8('}') && return object, at + 1
    while true
        byte(bytes, at) == UInt8('"') || throw(Malformed(at, "a key"))
        key, at = read_string(bytes, at)
        at = skip_space(bytes, at)
        byte(bytes, at) == UInt8(':') || throw(Malformed(at, "a colon"))
        object[key], at = read_value(bytes, skip_space(bytes, at + 1), depth + 1)
        at = skip_space(bytes, at)
        byte(bytes, at) == UInt8('}') && return object, at + 1
        byte(bytes, at) == UInt8(',') || throw(Malformed(at, "a comma or a brace"))
        at = skip_space(bytes, at + 1)
    end
end

function read_array(bytes, at, depth)
    array = Any[]
    at = skip_space(bytes, at + 1)
    byte(bytes, at) == UInt8(']') && return array, at + 1
    while true
        value, at = read_value(bytes, at, depth + 1)
        push!(array, value)
        at = skip_space(bytes, at)
        byte(bytes, at) == UInt8(']') && return array, at + 1
        byte(bytes, at) == UInt8(',') || throw(Malformed(at, "a comma or a bracket"))
        at = skip_space(bytes, at + 1)
    end
end

const ESCAPES = Dict(UInt8('"') => '"', UInt8('\\') => '\\', UInt8('/') => '/', UInt8('b') => '\b', UInt8('f') => '\f',
                     UInt8('n') => '\n', UInt8('r') => '\r', UInt8('t') => '\t')

function read_string(bytes, at)
    text = IOBuffer()
    at += 1
    while true
        found = byte(bytes, at)
        if found == UInt8('"')
            string = String(take!(text))
            isvalid(string) || throw(Malformed(at, "UTF-8"))
            return string, at + 1
        elseif found == UInt8('\\')
            escape = byte(bytes, at + 1)
            if escape == UInt8('u')
                character, at = read_unicode(bytes, at)
                print(text, character)
            else
                haskey(ESCAPES, escape) || throw(Malformed(at + 1, "an escape"))
                print(text, ESCAPES[escape])
                at += 2
            end
        elseif found < 0x20
            throw(Malformed(at, "a string without control characters"))
        else
            write(text, found)
            at += 1
        end
    end
end

# An escape `\uXXXX` at `at`, or two that are a surrogate pair.
function read_unicode(bytes, at)
    high = read_hex(bytes, at + 2)
    0xd800 <= high <= 0xdfff || return Char(high), at + 6
    if high <= 0xdbff && byte(bytes, at + 6) == UInt8('\\') && byte(bytes, at + 7) == UInt8('u')
        low = read_hex(bytes, at + 8)
        0xdc00 <= low <= 0xdfff && return Char(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)), at + 12
    end
    throw(Malformed(at, "a pair of surrogates"))
end

function read_hex(bytes, at)
    at + 3 <= length(bytes) || throw(Malformed(at, "four hexadecimal digits"))
    digits = Char.(bytes[at:at+3])
    all(isxdigit, digits) || throw(Malformed(at, "four hexadecimal digits"))
    return Base.parse(UInt32, String(digits); base = 16)
end

function read_number(bytes, at)
    stop = at
    while byte(bytes, stop) in codeunits("+-.eE0123456789")
        stop += 1
    end
    text = String(bytes[at:stop-1])
    occursin(r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$", text) || throw(Malformed(at, "a value"))
    whole = occursin(r"^-?[0-9]+$", text) ? tryparse(Int, text) : nothing
    return whole === nothing ? Base.parse(Float64, text) : whole, stop
end

end # module
