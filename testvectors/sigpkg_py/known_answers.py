"""The primitives against published answers, small rules against examples. `failures` names those that are wrong."""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from typing import Callable, List, Tuple

from . import blake3, ed25519, lockfile, look_alike, manifest, pins, secret_key, shown, slh_dsa, text, toml, words
from .inputs import DIRECTORY, FILE, LINK, Entry
from .listing import check_target
from .names import check_names, check_path
from .refusal import Refused
from .tree import lf_form
from .tree_hash import tree_hash

# The input of length n is the first n bytes of 0, 1, …, 250, 0, 1, …; the answers are the first 32 bytes of `hash` and
# `derive_key` in test_vectors.json of BLAKE3, whose context string follows.
BLAKE3_CONTEXT = "BLAKE3 2019-12-27 16:29:52 test vectors context"
BLAKE3_ANSWERS = [
    (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
     "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d"),
    (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
     "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c"),
    (63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b",
     "b6451e30b953c206e34644c6803724e9d2725e0893039cfc49584f991f451af3"),
    (64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
     "a5c4a7053fa86b64746d4bb688d06ad1f02a18fce9afd3e818fefaa7126bf73e"),
    (65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee",
     "51fd05c3c1cfbc8ed67d139ad76f5cf8236cd2acd26627a30c104dfd9d3ff8a8"),
    (1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
     "74a16c1c3d44368a86e1ca6df64be6a2f64cce8f09220787450722d85725dea5"),
    (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
     "7356cd7720d5b66b6d0697eb3177d9f8d73a4a5c5e968896eb6a689684302706"),
    (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
     "effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb"),
    (2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
     "7b2945cb4fef70885cc5d78a87bf6f6207dd901ff239201351ffac04e1088a23"),
    (2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
     "2ea477c5515cc3dd606512ee72bb3e0e758cfae7232826f35fb98ca1bcbdf273"),
    (3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3",
     "72613c9ec9ff7e40f8f5c173784c532ad852e827dba2bf85b2ab4b76f7079081"),
    (8193, "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b",
     "af1e0346e389b17c23200270a64aa4e1ead98c61695d917de7d5b00491c9b0f1"),
    (31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
     "39772aef80e0ebe60596361e45b061e8f417429d529171b6764468c22928e28e"),
    (102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
     "4652cff7a3f385a6103b5c260fc1593e13c778dbe608efb092fe7ee69df6e9c6"),
]

# Secret key, public key, message, signature: RFC 8032, section 7.1, tests 1 to 3.
ED25519_ANSWERS = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]

# The canonical encodings of the eight points whose order divides 8.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]

# y = p, y = p + 1, y = 2^255 - 1, and x = 0 with its sign set, for y = 1 and y = -1.
NOT_CANONICAL = [
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]

# An answer of the crate fips205 (key seeds of 16 bytes 01, 02, 03; deterministic signing), in a file for its length.
SLH_DSA_KEY = bytes.fromhex("03030303030303030303030303030303e44a5f240c54e64459aded34d1c263f6")
SLH_DSA_MESSAGE = b"sigpkg test message"
SLH_DSA_CONTEXT = b"context"
SLH_DSA_SIGNATURE_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slh_dsa_known_answer.txt")


# Bytes and words, of 16, 24 and 32 bytes: from vectors.json of the reference implementation of BIP 39.
BIP39_ANSWERS = [
    ("9e885d952ad362caeb4efe34a8e91bd2",
     "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic"),
    ("6610b25967cdcca9d59875f5cb50b0ea75433311869e930b",
     "gravity machine north sort system female filter attitude volume fold club stay feature office ecology stable"
     " narrow fog"),
    ("0" * 64, "abandon " * 23 + "art"),
    ("7f" * 32, "legal winner thank year wave sausage worth useful " * 2
     + "legal winner thank year wave sausage worth title"),
    ("80" * 32, "letter advice cage absurd amount doctor acoustic avoid " * 2
     + "letter advice cage absurd amount doctor acoustic bless"),
    ("f" * 64, "zoo " * 23 + "vote"),
    ("68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
     "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple"
     " dilemma loan word shrug inflict delay length"),
    ("f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
     "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group"
     " space point ten exist slush involve unfold"),
]

# What `ssh-keygen -lv` of OpenSSH 9.2 draws of the first two public keys of ED25519_ANSWERS, over their SHA-256.
RANDOM_ART_ANSWERS = [
    ["            oo   ", "           o. .  ", "          o ..   ", "         o o o.  ", "        S + o  o ",
     "       . + +  . E", "      . ..Ooo. B.", "     o o.BBB.o+ +", "     .*+OB=o=+.  "],
    ["           . ..o ", "            E . o", "          .  O ..", "         . .+ B =", "        S oooX.@ ",
     "         o.oOo@ .", "        . .B.Oo. ", "       .  o ==+  ", "        .. oo. . "],
]


def failures() -> List[str]:
    """The names of the checks that fail."""
    return [name for name, check in CHECKS if not check()]


def _blake3_hash() -> bool:
    return all(blake3.blake3(_pattern(n)).hex() == answer for n, answer, _ in BLAKE3_ANSWERS)


def _blake3_extended() -> bool:
    long = blake3.blake3(_pattern(1025), 131)
    return len(long) == 131 and long[:39] == blake3.blake3(_pattern(1025), 39)


def _blake3_derive_key() -> bool:
    return all(blake3.derive_key(BLAKE3_CONTEXT, _pattern(n)).hex() == answer for n, _, answer in BLAKE3_ANSWERS)


def _pattern(length: int) -> bytes:
    return (bytes(range(251)) * (length // 251 + 1))[:length]


def _ed25519_answers() -> bool:
    for secret, public, message, signature in _ed25519_bytes():
        if ed25519.public_key_of(secret) != public or ed25519.sign(secret, message) != signature:
            return False
        if not ed25519.verify(public, message, signature):
            return False
    return True


def _ed25519_refuses_each_changed_byte() -> bool:
    _, public, message, signature = _ed25519_bytes()[1]
    changed = [signature[:i] + bytes([signature[i] ^ 1]) + signature[i + 1:] for i in range(64)]
    return not any(ed25519.verify(public, message, other) for other in changed)


def _ed25519_refuses_s_plus_l() -> bool:
    _, public, message, signature = _ed25519_bytes()[0]
    s = int.from_bytes(signature[32:], "little")
    return not ed25519.verify(public, message, signature[:32] + (s + ed25519.L).to_bytes(32, "little"))


def _ed25519_refuses_small_order() -> bool:
    """With A and R of small order and S = 0, the equation holds for one message in eight or more."""
    points = [bytes.fromhex(point) for point in SMALL_ORDER]
    decompressed = [ed25519.decompress(point) for point in points]
    if not all(point is not None and ed25519.is_small_order(point) for point in decompressed):
        return False
    messages = [bytes([i]) for i in range(16)]
    return not any(ed25519.verify(a, m, r + bytes(32)) for a in points for r in points[:2] for m in messages)


def _ed25519_refuses_other_encodings() -> bool:
    return all(ed25519.decompress(bytes.fromhex(point)) is None for point in NOT_CANONICAL)


def _ed25519_bytes() -> List[Tuple[bytes, ...]]:
    return [tuple(bytes.fromhex(part) for part in answer) for answer in ED25519_ANSWERS]


def _slh_dsa_answer() -> bool:
    return slh_dsa.verify(SLH_DSA_KEY, SLH_DSA_MESSAGE, _slh_dsa_signature(), SLH_DSA_CONTEXT)


def _slh_dsa_refuses_changes() -> bool:
    signature = _slh_dsa_signature()
    changed = [signature[:i] + bytes([signature[i] ^ 1]) + signature[i + 1:] for i in range(0, len(signature), 997)]
    return not (
        any(slh_dsa.verify(SLH_DSA_KEY, SLH_DSA_MESSAGE, other, SLH_DSA_CONTEXT) for other in changed)
        or slh_dsa.verify(SLH_DSA_KEY, SLH_DSA_MESSAGE, signature, b"")
        or slh_dsa.verify(SLH_DSA_KEY, SLH_DSA_MESSAGE + b".", signature, SLH_DSA_CONTEXT)
        or slh_dsa.verify(SLH_DSA_KEY, SLH_DSA_MESSAGE, signature[:-1], SLH_DSA_CONTEXT)
    )


def _slh_dsa_signature() -> bytes:
    with open(SLH_DSA_SIGNATURE_FILE, "rb") as file:
        return base64.b64decode(file.read())


def _base64_has_one_spelling() -> bool:
    bad = ["QQ", "QQ=", "QQ===", "QR==", "Q Q==", "QQ==\n", "QUI", "QUJ=", "A", "=", "QQ==QQ==", "é"]
    return text.decode_base64("QQ==") == b"A" and all(text.decode_base64(spelling) is None for spelling in bad)


def _days_and_instants() -> bool:
    good = ["2024-02-29T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"]
    bad = ["2023-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z",
           "2024-01-01t00:00:00Z", "2024-01-01T00:00:00Z\n", "2024-01-01T00:00:00+00:00", "٢٠٢٤-01-01T00:00:00Z"]
    return all(map(text.is_instant, good)) and not any(map(text.is_instant, bad))


def _integers() -> bool:
    bad = ["", "-1", "+1", "01", "1_0", "9007199254740992", "1 ", "١"]
    return text.parse_integer("9007199254740991") == 2**53 - 1 and all(text.parse_integer(i) is None for i in bad)


def _paths() -> bool:
    good = ["a", "src/a.jl", ".github/x", "com", "com10", "console", "a b", "git~", "x.git", "a" * 255, "é"]
    bad = ["", "/a", "a/", "a//b", ".", "a/..", "a\\b", "a:b", "a\tb", "a\u200b", "con", "Com1.txt", "lpt³", "NUL .a",
           "a.", "a ", ".git", "x/.GIT", "GIT~1", "a" * 256, "/".join(["a" * 200] * 6)]
    return not any(_refuses(check_path, path.encode()) for path in good) and all(
        _refuses(check_path, path.encode()) for path in bad
    )


def _collisions() -> bool:
    bad = [[b"a", b"A"], [b"a/x", b"A/y"], ["é".encode(), "e\u0301".encode()], ["ß".encode(), b"SS"], [b"a", b"a/b"],
           ["a\u00adb".encode(), b"ab"], ["ı".encode(), b"I"]]
    return not _refuses(check_names, [b"a/x", b"a/y", b"b"]) and all(_refuses(check_names, p) for p in bad)


def _targets() -> bool:
    good = [(b"a", b"b"), (b"a/b", b"../c"), (b"a/b/c", b".."), (b"a/b", b".sigpkg"), (b"a/b/c", b"../.sigpkg")]
    bad = [(b"a", b""), (b"a", b".."), (b"a", b"../b"), (b"a/b", b".."), (b"a", b"/b"), (b"a", b"b/"), (b"a", b"b/../c"),
           (b"a", b"./b"), (b"a", b".sigpkg"), (b"a/b", b"../.SIGPKG/chain"), (b"a", b"sigpkg~1"), (b"a", b"nul")]
    return not any(_refuses(check_target, *link) for link in good) and all(_refuses(check_target, *link) for link in bad)


def _refuses(check: Callable[..., object], *arguments: object) -> bool:
    try:
        check(*arguments)
    except Refused:
        return True
    return False


def _lf_forms() -> bool:
    none = [b"", b"a", b"a\n", b"a\r", b"a\r\r\n", b"a\r\nb\n", b"\0\r\n", b"a\rb\r\n"]
    return lf_form(b"a\r\n\r\nb") == b"a\n\nb" and all(lf_form(content) is None for content in none)


def _julia_versions() -> bool:
    rising = ["1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-a", "1.0.0-a.1", "1.0.0-rc1", "1.0.0", "1.0.0+1", "1.0.1",
              "1.2.0", "1.10.0"]
    canonical = {"v1.2": "1.2.0", "1": "1.0.0", "1.2.3-rc1+b": "1.2.3-rc1+b", "01.2.3": "1.2.3", "x": None}
    return all(manifest.is_lower("julia", a, b) for a, b in zip(rising, rising[1:])) and all(
        manifest.canonical_julia_version(given) == version for given, version in canonical.items()
    )


def _scrypt_parameters() -> bool:
    return secret_key.scrypt_parameters(4194304, 2**27) == (2**17, 1) and (
        secret_key.scrypt_parameters(33554432, 2**30) == (2**20, 1)
    )


def _toml_is_read() -> bool:
    good = {
        b"": {},
        b"a = 1 # b\r\n\r\n[t]\n'b c'.d = [\"x\", # y\n 'z',]\n": {"a": 1, "t": {"b c": {"d": ["x", "z"]}}},
        b"[[a.b]]\nc = { d = 0x1f, e.f = \"\\u00e9\" }\n[a.b.g]\n[[a.b]]": {
            "a": {"b": [{"c": {"d": 31, "e": {"f": "\u00e9"}}, "g": {}}, {}]},
        },
        b'a = """\nb\\\n  c"""\nd = \'\'\'e\'\'\'': {"a": "bc", "d": "e"},
        b"[a.b]\n[a]\nc = -1_0": {"a": {"b": {}, "c": -10}},
    }
    bad = [b"a", b"a =", b"a = 1 b = 2", b"a = 1\na = 2", b"[a]\n[a]", b"[a]\n[[a]]", b"[[a]]\n[a]", b"a = []\n[[a]]",
           b"a = {}\n[a.b]", b"a = {b = 1,}", b"a.b = 1\n[a]", b"a = 01", b"a = 1__0", b"a = 9223372036854775808",
           b"[a",
           b'a = "b', b'a = "\\x"', b'a = "\\ud800"', b"a = 1\r", b"# \0", b"\xff", b"\xef\xbb\xbfa = 1",
           b"a = " + b"[" * 9999, b"a = " + b"1" * 9999, b"a" + b".a" * 9999 + b" = 1", b'a = """' + b"\\\n" * 9999]
    return all(toml.read(text) == table for text, table in good.items()) and all(_is_no_toml(text) for text in bad)


def _is_no_toml(text: bytes) -> bool:
    try:
        toml.read(text)
    except toml.NotToml:
        return True
    return False


def _tree_hashes() -> bool:
    # What `git write-tree` says of these. A directory comes where its name with a `/` would.
    entries = [
        Entry(b"a.b", FILE, b"x\n"), Entry(b"a/b", FILE, b""), Entry(b"a0", FILE, b"", executable=True),
        Entry(b"l", LINK, b"a/b"), Entry(b"d", DIRECTORY),
    ]
    deep = [Entry(b"a/" * 511 + b"a", FILE)]
    both = [Entry(b"a", FILE), Entry(b"a/b", FILE)]
    return (
        tree_hash([]) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        and tree_hash(entries) == "0bd4909f909cf551f192afcc2a7dce9aa903b493"
        and tree_hash(deep) == "5837c7863985601155f1e0e2bcdd1982eadb355e"
        and tree_hash(both) is None
    )


def _slugs() -> bool:
    """The check value of CRC-32C; where Julia has Example 0.5.3."""
    example = lockfile.slug("7876af07-990d-54b4-ab0e-23690620f79a", "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc")
    return lockfile.crc32c(b"123456789") == 0xE3069283 and example == "aqsx3"


def _pins_are_written() -> bool:
    digest, tree = "blake3:" + "0" * 64, "1" * 40
    one = pins.Pin("b", None, "sigp" + "A" * 52, 1, digest, "seen", (digest, digest), (tree,))
    other = pins.Pin("B", None, one.id, 2, digest, "confirmed", (), ())
    written = pins.write_pins([one, other])
    return pins.read_pins(written) == [other, one] and written == (
        f'sigpkg-pins = 1\n\n[[pin]]\nname = "B"\nid = "{one.id}"\nseq = 2\ndigest = "{digest}"\ngrade = "confirmed"\n'
        f'\n[[pin]]\nname = "b"\nid = "{one.id}"\nseq = 1\ndigest = "{digest}"\ngrade = "seen"\n'
        f'accepted = ["{digest}", "{digest}"]\nbefore-signing = ["{tree}"]\n'
    ).encode()


def _bip39_answers() -> bool:
    return all(
        words.to_words(bytes.fromhex(data)) == answer.split()
        and words.from_words(answer, len(data) // 2) == bytes.fromhex(data)
        for data, answer in BIP39_ANSWERS
    )


def _word_counts() -> bool:
    """CMP-2: the bits of the checksum, and the words."""
    sizes = {16: (4, 12), 20: (5, 15), 24: (6, 18), 28: (7, 21), 32: (8, 24), 39: (18, 30), 48: (12, 36)}
    return all((words.checksum_bits(n), words.word_count(n)) == size for n, size in sizes.items())


def _word_pieces() -> bool:
    good = {"act": "act", "acti": "action", "ACTOR,": "actor", "add.": "add", "addi;": "addict", "address": "address"}
    bad = ["", ",", "ac", "acts", "actors", "add,,", "add:", "add!", "12", "12,", "1.add", "add,act", "add\u00ad",
           "\u212aeep", "\uff41dd", "a\u017fset"]
    return all(words.read_word(piece) == word for piece, word in good.items()) and not any(map(words.read_word, bad))


def _white_space() -> bool:
    pieces = text.split_at_white_space("\t\n\v\f\r a\x85b\xa0c\u1680d\u2000e\u2028f\u202fg\u205fh\u3000")
    return pieces == list("abcdefgh") and text.split_at_white_space("a\x1cb\u180ec\u200bd\ufeff") == [
        "a\x1cb\u180ec\u200bd\ufeff",
    ]


def _random_art() -> bool:
    walks = []
    for _, public, _, _ in _ed25519_bytes():
        fields = [b"ssh-ed25519", public]
        walks.append(hashlib.sha256(b"".join(struct.pack(">I", len(field)) + field for field in fields)).digest())
    # To the upper left corner by its edge, more than 14 counts there, and off again; to and fro, and back in the middle.
    corner, middle = shown.draw(bytes(31) + b"\xff"), shown.draw(b"\x33")
    return (
        [shown.draw(walk) for walk in walks[:2]] == RANDOM_ART_ANSWERS
        and [row[:6] for row in corner[:5]] == ["^.... ", " .   .", "  .   ", "   .  ", "    E "]
        and (middle[4][8], middle[5][9]) == ("E", "o")
    )


def _edits() -> bool:
    answers = {("", ""): 0, ("", "abc"): 3, ("kitten", "sitting"): 3, ("saturday", "sunday"): 3, ("abc", "bca"): 2}
    return all(look_alike.edits(a, b) == look_alike.edits(b, a) == n for (a, b), n in answers.items())


CHECKS: List[Tuple[str, Callable[[], bool]]] = [
    ("BLAKE3 hash", _blake3_hash),
    ("BLAKE3 extended output", _blake3_extended),
    ("BLAKE3 derive_key", _blake3_derive_key),
    ("Ed25519 answers of RFC 8032", _ed25519_answers),
    ("Ed25519 refuses each changed byte", _ed25519_refuses_each_changed_byte),
    ("Ed25519 refuses S + L", _ed25519_refuses_s_plus_l),
    ("Ed25519 refuses points of small order", _ed25519_refuses_small_order),
    ("Ed25519 refuses other encodings of a point", _ed25519_refuses_other_encodings),
    ("SLH-DSA answer", _slh_dsa_answer),
    ("SLH-DSA refuses changes", _slh_dsa_refuses_changes),
    ("base64 has one spelling", _base64_has_one_spelling),
    ("days and instants", _days_and_instants),
    ("integers", _integers),
    ("paths, TREE-2 to TREE-7", _paths),
    ("collisions, TREE-9", _collisions),
    ("targets of links, TREE-14", _targets),
    ("LF forms, TREE-18", _lf_forms),
    ("versions of Julia", _julia_versions),
    ("parameters of scrypt, SEC-5", _scrypt_parameters),
    ("TOML", _toml_is_read),
    ("tree hashes, PRJ-3", _tree_hashes),
    ("slugs, PRJ-4", _slugs),
    ("pins as they are written, PRJ-17", _pins_are_written),
    ("words of BIP 39", _bip39_answers),
    ("counts of words, CMP-2", _word_counts),
    ("pieces that are words, CMP-4", _word_pieces),
    ("white space, CMP-4 and CMP-11", _white_space),
    ("random art of OpenSSH", _random_art),
    ("edits, CMP-14", _edits),
]
COUNT = len(CHECKS)
