# Reads the Julia code in pages: every block is Julia, and every function of SigPkg that it names is there, with the keywords that it
# gives.
#
#   julia --project=SigPkg blocks.jl PAGE.md…
#
# Standard library alone, for the Julia 1.5.3 of tests/sigpkg-jl.sh. The last line is `N passed, M failed`.

using SigPkg

# The blocks of a page: the number of the first line, and the code. Of a session at the prompt it is what was typed.
function blocks(page)
    found = Tuple{Int,String}[]
    code, from = nothing, 0
    for (number, line) in enumerate(eachline(page))
        line = strip(line)
        if code === nothing
            startswith(line, "```julia") && ((code, from) = (String[], number + 1))
            # A call in the text counts, too.
            append!(found, [(number, String(each[1])) for each in eachmatch(r"`(SigPkg\.[a-z_]+\(.*?\))`", line)])
        elseif line == "```"
            typed = [chop(each, head = 7, tail = 0) for each in code if startswith(each, "julia> ")]
            push!(found, (from, join(isempty(typed) ? code : typed, "\n")))
            code = nothing
        else
            push!(code, line)
        end
    end
    found
end

# Every call of a function of SigPkg in an expression, with the names of its keywords.
function calls(expression, found = Tuple{Symbol,Vector{Symbol}}[])
    expression isa Expr || return found
    if expression.head == :call && expression.args[1] isa Expr && expression.args[1].head == :. && expression.args[1].args[1] == :SigPkg
        keywords = Symbol[]
        for argument in expression.args[2:end]
            argument isa Expr && argument.head == :kw && push!(keywords, argument.args[1])
            argument isa Expr && argument.head == :parameters && append!(keywords, [each.args[1] for each in argument.args])
        end
        push!(found, (expression.args[1].args[2].value, keywords))
    end
    foreach(each -> calls(each, found), expression.args)
    found
end

# What is wrong with a block, and nothing if it is right.
function fault(code)
    parsed = Base.parse_input_line(code)
    parsed isa Expr && any(each -> each isa Expr && each.head in (:error, :incomplete), [parsed; parsed.args]) && return "no Julia: $parsed"
    for (name, keywords) in calls(parsed)
        isdefined(SigPkg, name) || return "there is no SigPkg.$name"
        known = Base.kwarg_decl.(methods(getfield(SigPkg, name)))
        taken = reduce(vcat, known, init = Symbol[])
        for keyword in keywords
            keyword in taken || any(each -> endswith(string(each), "..."), taken) || return "SigPkg.$name takes no $keyword"
        end
    end
    nothing
end

function main(pages)
    passed = failed = 0
    for page in pages
        for (line, code) in blocks(page)
            wrong = try
                fault(code)
            catch thrown
                sprint(showerror, thrown)
            end
            if wrong === nothing
                passed += 1
                println("ok ", page, ", line ", line)
            else
                failed += 1
                println("FAILED ", page, ", line ", line, ": ", wrong)
            end
        end
    end
    println(passed, " passed, ", failed, " failed")
    exit(failed == 0 && passed > 0 ? 0 : 1)
end

main(ARGS)
