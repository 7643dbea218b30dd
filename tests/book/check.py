#!/usr/bin/env python3
"""Checks every link, anchor and picture of the repository's Markdown, and of the book that was built from it.

    python3 tests/book/check.py [BOOK]

BOOK is the folder that mdBook has written; without it only the Markdown is checked. Each link is one check:

- inside: the file is there, in exactly this spelling, and the anchor in it;
- to elsewhere: it is well formed and `https`. Nothing is fetched;
- a picture has an alternative text, and an SVG of ours has title and desc.

And of the book: each page of docs/ is in its contents, and nothing in it makes a browser ask another server. Standard library
alone. The last line is `N passed, M failed`.
"""

import html.parser
import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
# Attributes that a browser fetches without being asked.
FETCHED = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("audio", "src"), ("source", "src"),
           ("video", "src"), ("object", "data"), ("embed", "src"), ("image", "href"), ("use", "href")}

passed = 0
failures = []


def claim(good, where, what):
    global passed
    if good:
        passed += 1
    else:
        failures.append(f"{where}: {what}")
        print(f"FAILED {where}: {what}")


def exact(path):
    """Whether a path is there in this spelling, on a file system that folds case, too."""
    if not path.exists():
        return False
    while path not in (ROOT, path.parent):
        if path.name not in {each.name for each in path.parent.iterdir()}:
            return False
        path = path.parent
    return True


def elsewhere(target, where):
    """The check of a link with a scheme."""
    url = urllib.parse.urlsplit(target)
    if url.scheme == "mailto":
        claim(re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", url.path), where, f"no address: {target}")
    else:
        claim(url.scheme == "https", where, f"not https: {target}")
        claim(re.fullmatch(r"([a-z0-9-]+\.)+[a-z]+", url.netloc) and " " not in target, where, f"not well formed: {target}")


# ----------------------------------------------------------------------------------------------------------------------
# Markdown.

def without_code(text):
    """The text without blocks of code, comments and, but in headings, code in lines."""
    text = re.sub(r"^ *(```+|~~~+)[^\n]*\n.*?^ *\1[^\n]*$", "", text, flags=re.M | re.S)
    return re.sub(r"<!--.*?-->", "", text, flags=re.S)


def slug(heading, seen):
    """The anchor of a heading, as git hosts make it."""
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "").strip().lower()
    name = re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")
    count = seen.get(name, 0)
    seen[name] = count + 1
    return f"{name}-{count}" if count else name


def anchors(path):
    text = without_code(path.read_text(encoding="utf-8"))
    seen = {}
    found = {slug(heading, seen) for heading in re.findall(r"^ {0,3}#{1,6} +(.+?) *#*$", text, re.M)}
    return found | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def check_markdown(path):
    where = str(path.relative_to(ROOT))
    text = without_code(path.read_text(encoding="utf-8"))
    # A link's text may be code, but code is no link.
    lines = re.sub(r"`[^`\n]*`", "`code`", text)
    references = dict(re.findall(r"^ {0,3}\[([^\]]+)\]: *(\S+)", lines, re.M))
    links = re.findall(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]*(?:\([^()\s]*\))?[^()\s]*)\)", lines)
    links += [("", name, target) for name, target in references.items()]
    links += [("", target, target) for target in re.findall(r"<([a-z]+:[^>\s]+)>", lines)]
    for picture, words, target in links:
        if picture:
            claim(words.strip(), where, f"a picture without words: {target}")
        else:
            claim(words.strip(), where, f"a link without words: {target}")
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            elsewhere(target, where)
            continue
        name, _, anchor = target.partition("#")
        to = (path.parent / urllib.parse.unquote(name)).resolve() if name else path
        inside = to == ROOT or ROOT in to.parents
        claim(inside and exact(to), where, f"there is no {target}")
        if anchor and inside and to.is_file() and to.suffix == ".md":
            claim(anchor in anchors(to), where, f"there is no anchor {target}")


def check_contents():
    """Each page stands in the contents of the book once, and with no dead entry."""
    named = re.findall(r"\]\(([^)]+)\)", (DOCS / "SUMMARY.md").read_text(encoding="utf-8"))
    for page in sorted(DOCS.rglob("*.md")):
        name = page.relative_to(DOCS).as_posix()
        if name != "SUMMARY.md":
            claim(named.count(name) == 1, "docs/SUMMARY.md", f"has {name} {named.count(name)} times")


def check_pictures():
    for picture in sorted(DOCS.rglob("*.svg")):
        text = picture.read_text(encoding="utf-8")
        for part in ("<title", "<desc", "prefers-color-scheme: dark", 'role="img"'):
            claim(part in text, picture.relative_to(ROOT), f"has no {part}")
        claim(not re.search(r"(href|src)=|url\(|@import|<script", text), picture.relative_to(ROOT), "asks for something else")


# ----------------------------------------------------------------------------------------------------------------------
# HTML.

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.classes, self.links, self.pictures, self.language = set(), set(), [], [], None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.classes.update((given.get("class") or "").split())
        for name in ("id", "name"):
            if given.get(name) and (name == "id" or tag == "a"):
                self.ids.add(given[name])
        for name in ("href", "src", "data", "action"):
            if given.get(name) is not None:
                self.links.append((tag, name, given[name]))
        if tag == "img":
            self.pictures.append((given.get("src"), given.get("alt")))
        if tag == "html":
            self.language = given.get("lang")


def read_page(path):
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def check_book(book):
    pages = {path: read_page(path) for path in sorted(book.rglob("*.html"))}
    claim(len(pages) > 30, book.name, f"only {len(pages)} pages")
    for path, page in pages.items():
        where = f"book: {path.relative_to(book)}"
        # A part of the others, loaded into them where there is no JavaScript.
        if path.name != "toc.html":
            claim(page.language == "en", where, f"the language is {page.language}")
        claim("playground" not in page.classes, where, "has code that a browser would send to another server")
        for source, words in page.pictures:
            claim(words and words.strip(), where, f"a picture without words: {source}")
        for tag, name, target in page.links:
            if re.match(r"[a-z][a-z0-9+.-]*:|//", target):
                claim((tag, name) not in FETCHED, where, f"asks another server: {target}")
                elsewhere(target, where)
                continue
            # The page for what is not found is served from any folder, and its base says so.
            name, _, anchor = target.partition("#")
            to = (path.parent / urllib.parse.unquote(name.split("?")[0])).resolve() if name else path
            if path.name == "404.html" and target == "/":
                continue
            if to.is_dir():
                to = to / "index.html"
            claim(to.is_file() and book in to.parents, where, f"there is no {target}")
            if anchor and to in pages:
                claim(urllib.parse.unquote(anchor) in pages[to].ids, where, f"there is no anchor {target}")
    for path in sorted(book.rglob("*.css")):
        asks = re.search(r"(url\(|@import)\s*['\"]?(https?:)?//[^)]*", path.read_text(encoding="utf-8"))
        claim(not asks, f"book: {path.relative_to(book)}", f"asks another server: {asks and asks[0]}")


def main(arguments):
    tracked = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, check=True).stdout
    sources = sorted({ROOT / name for name in tracked.decode().split("\0") if name} | set(DOCS.rglob("*.md")))
    for path in sources:
        if path.exists():
            check_markdown(path)
    check_contents()
    check_pictures()
    if arguments:
        check_book(pathlib.Path(arguments[0]).resolve())
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
