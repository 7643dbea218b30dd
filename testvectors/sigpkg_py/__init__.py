"""A second implementation of the sigpkg verifier, written from spec/ alone, with Python's standard library alone.

Read the files in this order; each stands on those before it:

    blake3, ed25519, slh_dsa, bcrypt_pbkdf  the primitives, from their public specifications
    refusal, text                           how a refusal is said; chapter 1, conventions
    keys, signature_file, secret_key        chapter 2, keys and signatures
    document, statement                     chapter 3, statements
    chain, belief                           chapter 4, chains and belief
    inputs                                  where the bytes of a vector come from
    names, listing, tree, archive           chapter 5, trees
    folder                                  chapter 6, the folder
    manifest, answer, verdict               chapter 7, verdicts
    toml, lockfile, tree_hash, pins, project  chapter 10, projects
    words, shown, pasted, look_alike        chapter 11, comparing
    judges                                  the kinds of vectors
    known_answers                           the self-test
"""
