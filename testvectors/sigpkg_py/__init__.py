"""A second implementation of the sigpkg verifier, written from spec/ alone, with Python's standard library alone.

Read the files in this order; each stands on those before it:

    blake3.py, ed25519.py, slh_dsa.py   the three primitives, from their public specifications
    refusal.py, text.py                 how a refusal is said; chapter 1, conventions
"""
