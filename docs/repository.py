#!/usr/bin/env python3
"""A preprocessor of mdBook: what the pages link to in the repository comes into the book with them.

The pages of this folder link to `../spec/…`, `../README.md` and to programs, so that the links work wherever the repository is
shown. In a book they would lead out of it. So each file that is linked to becomes a page below `repository/`, and the link leads there;
likewise the files that those pages link to, and so on. A file that is no Markdown is shown as it is; of a folder its README.md is
taken, or a list of its files. Standard library alone.

mdBook gives `[context, book]` in JSON on standard input and takes the book on standard output.
"""

import json
import pathlib
import posixpath
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = "docs"
# A link or picture of Markdown: `](target)`.
LINK = re.compile(r"(\]\()([^()\s]+)(\))")
PARTS = [("Specification", "spec/"), ("Files of the repository", "")]
SHOWN = 200_000  # bytes of a file that is shown as it is; the longest now has 30,000


def leads_out(target):
    return re.match(r"[a-z][a-z0-9+.-]*:|#|//", target) is not None


def page_of(path):
    """Where a file of the repository is in the book; a file of docs that is no page is copied there by mdBook itself."""
    if path.startswith(DOCS + "/"):
        return path[len(DOCS) + 1 :]
    return "repository/" + (path if path.endswith(".md") else path + ".md")


def file_of(path):
    """What stands for a path: a folder's README.md if it has one, otherwise the path."""
    if (ROOT / path).is_dir():
        readme = posixpath.normpath(posixpath.join(path, "README.md"))
        return readme if (ROOT / readme).is_file() else path
    return path


def rewritten(text, path, wanted):
    """The text of a file with its links as the book needs them; adds to `wanted` what they lead to."""

    def link(match):
        target, hash_, fragment = match[2].partition("#")
        if leads_out(match[2]) or not target:
            return match[0]
        found = file_of(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))
        if found.startswith("..") or not (ROOT / found).exists():
            return match[0]  # the check of the links says so
        wanted.append(found)
        return match[1] + posixpath.relpath(page_of(found), posixpath.dirname(page_of(path)) or ".") + hash_ + fragment + match[3]

    # Every second piece is code; but a link's own text may be code, so only blocks are left alone.
    pieces = re.split(r"(^ {0,3}```.*?^ {0,3}```[^\n]*$)", text, flags=re.M | re.S)
    return "".join(piece if at % 2 else LINK.sub(link, piece) for at, piece in enumerate(pieces))


def shown(path):
    """A file of the repository as Markdown."""
    place = ROOT / path
    if place.is_dir():
        files = sorted(each.name + ("/" if each.is_dir() else "") for each in place.iterdir() if each.name != "__pycache__")
        return f"# `{path}/`\n\n" + "".join(f"- `{name}`\n" for name in files)
    text = place.read_bytes()[:SHOWN].decode("utf-8", "replace")
    if path.endswith(".md"):
        return text
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"# `{path}`\n\n{fence}text\n{text.rstrip(chr(10))}\n{fence}\n"


def name_of(path, text):
    heading = re.search(r"^# (.+)$", text, re.M)
    return re.sub(r"[`*]", "", heading[1]) if path.endswith(".md") and heading else path


def chapter(name, content, path):
    return {"Chapter": {
        "name": name, "content": content, "number": None, "sub_items": [], "path": path, "source_path": None, "parent_names": [],
    }}


def main():
    if sys.argv[1:2] == ["supports"]:
        sys.exit(0 if sys.argv[2:3] == ["html"] else 1)
    _context, book = json.load(sys.stdin)
    key = "items" if "items" in book else "sections"
    wanted = []

    def walk(items):
        for item in items:
            if isinstance(item, dict) and "Chapter" in item:
                page = item["Chapter"]
                if page["path"]:
                    page["content"] = rewritten(page["content"], f"{DOCS}/{page['source_path'] or page['path']}", wanted)
                walk(page["sub_items"])

    walk(book[key])
    pages, taken = {}, set()
    while wanted:
        path = wanted.pop()
        if path in taken or path.startswith(DOCS + "/"):
            continue
        taken.add(path)
        text = shown(path)
        pages[path] = chapter(name_of(path, text), rewritten(text, path, wanted) if path.endswith(".md") else text, page_of(path))
    for part, prefix in PARTS:
        mine = sorted((path for path in pages if path.startswith(prefix)), key=in_order)
        if mine:
            book[key].append({"PartTitle": part})
            book[key].extend(pages.pop(path) for path in mine)
    json.dump(book, sys.stdout)


def in_order(path):
    """README.md first, chapters by their numbers, what is no page last."""
    name = posixpath.basename(path)
    number = re.match(r"\d+", name)
    return (not path.endswith(".md"), posixpath.dirname(path), name != "README.md", int(number[0]) if number else 1000, name)


if __name__ == "__main__":
    main()
