"""Looks at a site as people do: with eyes, by keyboard, through a screen reader, on a telephone, without scripts.

    check.py SERVED PATH SPOKEN CAPTURES

SERVED is the folder that is served; PATH and SPOKEN are the sites in it, the second with sound; screenshots go to CAPTURES.
"""

import functools
import http.server
import os
import re
import sys
import threading
import traceback
import wave

sys.dont_write_bytecode = True
from browser import Browser, Driver  # noqa: E402

SERVED, PATH, SPOKEN, CAPTURES = sys.argv[1:]

passed = failed = 0


def check(claim, holds, found=""):
    global passed, failed
    if holds:
        passed += 1
        print(f"ok {claim}")
    else:
        failed += 1
        print(f"FAILED {claim}" + (f": {found}" if found != "" else ""))


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A browser that has heard enough of a recording hangs up."""


def serve():
    server = Server(("127.0.0.1", 0), functools.partial(Handler, directory=SERVED))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}/"


def page_of(title, site=PATH):
    """The page whose title begins so."""
    folder = os.path.join(SERVED, site, "s")
    for name in sorted(os.listdir(folder)):
        if re.fullmatch(r"sigp[A-Za-z0-9_-]{52}\.html", name):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                if f"<title>{title} " in file.read():
                    return f"s/{name}"
    raise LookupError(title)


def id_of(path):
    return os.path.basename(path)[: -len(".html")]


def grouped(text, line=4):
    groups = [text[at : at + 4] for at in range(0, len(text), 4)]
    return "\n".join(" ".join(groups[at : at + line]) for at in range(0, len(groups), line))


def other(character):
    return "x" if character != "x" else "y"


def verdict(browser, text):
    browser.paste("#given", text)
    return browser.run("return document.getElementById('verdict').textContent")


def marked(browser):
    """The groups that are marked as different, and by what."""
    return browser.run(
        "return [...document.querySelectorAll('#difference .differs')].map(c => c.querySelector('.group').textContent + ' '"
        " + c.querySelector('.sign').textContent)")


def fits(browser):
    return browser.run(
        "const w = document.documentElement; const out = [...document.querySelectorAll('body *')].filter(e =>"
        " e.getClientRects().length && !e.closest('.skip') && e.getBoundingClientRect().right > innerWidth + 0.5)"
        ".map(e => e.tagName + '.' + e.className); return [w.scrollWidth <= innerWidth, out.slice(0, 3)]")


# ----------------------------------------------------------------------------------------------------------------------


def comparing(browser, base, example):
    # REG-30
    browser.open(base + example)
    own = id_of(example)
    words = browser.run("return [...document.querySelectorAll('#words li')].map(w => w.textContent)")
    check("the box is there, and says nothing yet", browser.run(
        "return !document.getElementById('compare').hidden && document.getElementById('verdict').textContent === ''"))
    check("the page has the id whole, as it is in its address", browser.text("#whole").replace("\n", "") == own)
    check("the page has thirty words", len(words) == 30, len(words))
    equal = {
        "the same id": own,
        "the id in groups on lines": grouped(own),
        "the id in groups on one line": grouped(own, 14),
        "the id with numbered lines": "\n".join(f"{4 * at + 1}. {line}" for at, line in enumerate(grouped(own).split("\n"))),
        "the id quoted in a mail": "> Hello,\n> our id is\n> " + grouped(own).replace("\n", "\n> ") + ".\n> -- \n> Ada",
        "the id between quotation marks": f"“see” \"{own}\", please",
        "the id with spaces that do not break": grouped(own).replace(" ", "\u00a0"),
        "the id with characters that nobody sees": "\u200b".join(own),
        "the id broken anywhere between lines": own[:17] + "\r\n" + own[17:],
        "the id with other hyphens": own.replace("-", "\u2011"),
        "the words": " ".join(words),
        "the words, numbered and in capitals": "\n".join(f"{at + 1}. {word.upper()}" for at, word in enumerate(words)),
        "the first four letters of the words": " ".join(word[:4] for word in words),
    }
    for what, text in equal.items():
        said = verdict(browser, text)
        check(f"equal: {what}", said.startswith("= Equal") and marked(browser) == [], said)
    for at in (5, 21, 55):
        wrong = own[:at] + other(own[at]) + own[at + 1 :]
        said = verdict(browser, wrong)
        group = at // 4
        check(f"different in group {group + 1}",
              said.startswith(f"≠ Different in 1 of 14 groups: {group + 1}.")
              and marked(browser) == [wrong[group * 4 : group * 4 + 4] + " ≠"], [said, marked(browser)])
    wrong = "".join(c if at < 4 else other(c) for at, c in enumerate(own))
    check("another id altogether is different in 13 groups", verdict(browser, wrong).startswith("≠ Different in 13 of 14"))
    swapped = " ".join([words[1], words[0]] + words[2:])
    said = verdict(browser, swapped)
    check("two words in the wrong order are different", said.startswith("≠ Different in 2 of 30 words: 1 and 2."), said)
    unequal = {
        "a beginning": own[:40],
        "an end": own[16:],
        "one character too many": own + "A",
        "one character too few": own[:-1],
        "a character that no id has": own[:30] + "!" + own[31:],
        "twenty-nine words": " ".join(words[:29]),
        "markup": "<img src=x onerror=window.owned=1><script>window.owned=1</script>",
        "two ids": own + "\n" + wrong,
        "a lot of text": "lorem ipsum " * 20000,
        "small letters alone": own.lower(),
        "spaces within a group": own[:6] + " " + own[6:],
    }
    for what, text in unequal.items():
        said = verdict(browser, text)
        is_other = said.startswith("≠") if what == "small letters alone" else said.startswith("? ")
        check(f"never equal: {what}", is_other, said)
    check("an empty box says nothing", verdict(browser, "  \n") == "")
    live = browser.run("const v = document.getElementById('verdict'); return [v.getAttribute('role'), v.getAttribute('aria-live')]")
    check("the verdict is read out", live == ["status", "polite"], live)
    # Not by colour alone: without any colour the marks are still there.
    verdict(browser, own[:20] + other(own[20]) + own[21:])
    style = browser.run(
        "const s = q => getComputedStyle(document.querySelector('#difference ' + q)); return [s('.differs .group')"
        ".textDecorationLine, s('.differs').borderTopWidth, s('li:not(.differs)').borderTopWidth]")
    check("what differs is underlined and has a thicker frame", style == ["underline", "2px", "1px"], style)


def by_keyboard(browser, base, example):
    browser.open(base + example)
    browser.press("tab")
    first = browser.run("const e = document.activeElement; return [e.className, e.textContent,"
                        " e.getBoundingClientRect().left >= 0, getComputedStyle(e).outlineStyle]")
    check("the first key press shows a link past the head of the page", first == ["skip", "Skip to the id", True, "solid"], first)
    browser.press("enter")
    check("it leads to the content", browser.run("return document.activeElement.id") == "main")
    reached = []
    for _ in range(40):
        browser.press("tab")
        reached.append(browser.run(
            "const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.id || e.tagName, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]"))
        if reached[-1][0] == "given":
            break
    check("the box is reached with the tab key", reached[-1][0] == "given", reached)
    check("all that has the focus shows it", all(shown for _, shown in reached), reached)
    for character in id_of(example):
        browser.press(character)
    check("an id is typed key by key and compared",
          browser.run("return document.getElementById('verdict').textContent").startswith("= Equal"))
    browser.press("tab")
    check("the tab key leaves the box", browser.run("return document.activeElement.id") != "given")
    browser.open(base + "index.html")
    browser.press("tab", "enter", "tab")
    check("from the link past the head the search is next", browser.run("return document.activeElement.id") == "query")
    for character in "dataframesm":
        browser.press(character)
    browser.wait("return document.querySelectorAll('#results li').length === 1")
    browser.press("tab", "enter")
    browser.wait("return document.title.startsWith('DataFramesMeta')")
    check("a package is found and opened by keyboard", "/s/sigp" in browser.address(), browser.address())


def searching(browser, base):
    browser.open(base + "index.html")

    def search(text):
        browser.paste("#query", text)
        browser.wait("return document.getElementById('found').textContent !== ''")
        browser.wait("return performance.now() > 0 && new Promise(r => setTimeout(() => r(true), 120))")
        return browser.run("return [...document.querySelectorAll('#results a')].map(a => a.textContent)")

    check("a name is found", search("DataFrames") == ["DataFrames [00000008]", "DataFramesMeta [00000009]"], search("DataFrames"))
    check("a word within a name is found", search("fram") == ["DataFrames [00000008]", "DataFramesMeta [00000009]"])
    check("letters may be small or capital", search("dATAfRAMESm") == ["DataFramesMeta [00000009]"])
    check("what is not there is not found", search("nosuchpackage") == [])
    said = browser.run("return document.getElementById('found').textContent")
    check("and the page says what that means", "not signed, as far as this directory knows" in said, said)
    check("a name that Windows does not take is found", search("con") [:1] == ["con"], search("con"))
    both = search("example")
    check("all of one name are found", sorted(both) == ["Example [00000000]", "Example [7876af07]"], both)
    check("and are marked as such", browser.run(
        "return [...document.querySelectorAll('#results .badge')].map(b => b.textContent)") == ["one of 2 of this name"] * 2)
    check("markup in the search is nothing", search("<img src=x onerror=window.owned=1>") == [])
    check("one character asks for another", search("d") == [] and "two characters" in browser.run(
        "return document.getElementById('found').textContent"))
    check("the links of the search lead to pages", search("long.history") == ["long.history"])
    browser.run("document.querySelector('#results a').click()")
    check("and open them", browser.wait("return document.title.startsWith('long.history')"))
    older = browser.run("const a = document.querySelector('nav.turn a[rel=next]'); a.click(); return true")
    check("a long history goes on on other pages", older and browser.wait("return document.title.includes('history 2')"))


def nothing_hostile(browser, base, hostile):
    # REG-29
    browser.console()
    browser.requests()
    browser.open(base + hostile)
    state = browser.run(
        "return [window.owned === undefined, document.querySelectorAll('blockquote *').length,"
        " document.querySelectorAll('blockquote').length, [...document.querySelectorAll('h1')].map(h => h.textContent),"
        " document.querySelectorAll('img, iframe, object, embed, base, form, style, [style], [onerror], [onclick]').length,"
        " [...document.querySelectorAll('a')].filter(a => new URL(a.href).origin !== location.origin).length]")
    check("what a hostile signatory writes is not run", state[0])
    check("and is no markup", state[1] == state[2] == 2 and state[3] == ["zzz.hostile"] and state[4] == 0, state)
    check("no link leads elsewhere", state[5] == 0, state)
    texts = browser.run("return [...document.querySelectorAll('blockquote')].map(b => b.textContent)")
    check("it is shown as it was written", any("<script>window.owned=1</script>" in text for text in texts), texts)
    direction = browser.run("return [...document.querySelectorAll('blockquote p')].map(p => getComputedStyle(p).direction)")
    check("text from right to left does not turn the page around", sorted(direction) == ["ltr", "rtl"] and browser.run(
        "return getComputedStyle(document.body).direction") == "ltr", direction)
    # A script that got into a page by another way is stopped by the policy.
    browser.run(
        "const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.body.append(s);"
        "const i = document.createElement('img'); i.src = 'http://127.0.0.2:9/x'; document.body.append(i);"
        "document.body.setAttribute('onclick', 'window.owned = 2'); document.body.click();")
    check("the policy stops scripts in a page", browser.run("return window.owned === undefined"))
    said = browser.console()
    check("and says so", sum("Content Security Policy" in line for line in said) >= 2, said)


def clean(browser, base, pages):
    """No errors on the console, nothing against the policy, no request to anybody else. REG-29"""
    browser.console()
    browser.requests()
    for page in pages:
        browser.open(base + page)
        browser.run("document.querySelectorAll('textarea, input').forEach(f => { f.value = 'data';"
                    " f.dispatchEvent(new InputEvent('input', {bubbles: true})) })")
        browser.wait("return new Promise(r => setTimeout(() => r(true), 150))")
    said, asked = browser.console(), browser.requests()
    check("the console is silent on every page", said == [], said)
    foreign = [address for address in asked if not address.startswith(base) and not address.startswith(("data:", "chrome:"))]
    check("nothing is asked of any other host, or of another path", foreign == [] and len(asked) > len(pages), foreign)
    check("no cookie and nothing stored", browser.run(
        "return document.cookie === '' && localStorage.length === 0 && sessionStorage.length === 0"))


def for_screen_readers(browser, base, example):
    browser.open(base + example)
    verdict(browser, "no id")
    tree = browser.accessibility()
    roles = [role for role, _ in tree]
    for role in ("banner", "navigation", "main", "contentinfo", "complementary"):
        check(f"there is a landmark: {role}", role in roles, sorted(set(roles)))
    for role, name in (("heading", "Example"), ("heading", "Signatory id"), ("image", "QR code of the 56 characters of the id"),
                       ("region", "Compare with the id that you were given"), ("region", "Signatory id"), ("region", "History")):
        check(f"a screen reader finds {role} \"{name}\"", (role, name) in tree or (role == "image" and ("img", name) in tree))
    fields = [name for role, name in tree if role == "textbox"]
    check("the box has a name", fields[:1] == ["Paste or type it here. Spaces, line breaks and the text around it do not matter."], fields)
    pictures = [name for role, name in tree if role in ("image", "img")]
    check("every picture has words in its place", len(pictures) == 2 and all(pictures), pictures)
    unnamed = [role for role, name in tree if role in ("link", "button", "textbox", "searchbox") and not name.strip()]
    check("nothing that can be pressed is without a name", unnamed == [], unnamed)
    levels = browser.run("return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    check("headings begin with one of the first order and skip none",
          levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels)
    check("the page says its language", browser.run("return document.documentElement.lang") == "en")
    ids = browser.run("const i = [...document.querySelectorAll('[id]')].map(e => e.id); return i.length === new Set(i).size")
    check("no two elements have one id", ids)


def on_a_telephone(driver, base, pages):
    with Browser(driver, width=320, height=640) as browser:
        for name, page in pages.items():
            browser.open(base + page)
            if name == "example":
                own = id_of(page)
                verdict(browser, own[:20] + other(own[20]) + own[21:])
            result = fits(browser)
            check(f"{name} fits on a screen of 320 pixels", result == [True, []], result)
            browser.capture(os.path.join(CAPTURES, f"phone-{name}.png"))
        browser.open(base + pages["example"])
        lines = browser.run(
            "return [...document.querySelectorAll('.groups li')].map(l => new Set([...l.children].map(s =>"
            " Math.round(s.getBoundingClientRect().top))).size)")
        check("each line of groups stays a line", lines == [1, 1, 1, 1], lines)
        small = browser.run("return parseFloat(getComputedStyle(document.querySelector('.groups')).fontSize) >= 16")
        check("and is large enough to read", small)


def without_scripts(driver, base, example):
    with Browser(driver, scripts=False) as browser:
        browser.open(base + example)
        tree = browser.accessibility()
        text = " ".join(name for _, name in tree)
        own = id_of(example)
        check("without scripts the id is there, whole and in groups",
              own in text and all(group in text for group in grouped(own).split()))
        check("without scripts there is no box that does nothing", not any(role == "textbox" for role, _ in tree))
        check("and the page says why", "The box that compares needs JavaScript." in text, text[:400])
        check("without scripts the words, the history and the keys are there",
              "Hand-over: somebody else signs from here on" in text and "Keys in force" in text and "In words" in text)
        browser.capture(os.path.join(CAPTURES, "without-scripts-example.png"))
        browser.open(base + "index.html")
        tree = browser.accessibility()
        text = " ".join(name for _, name in tree)
        check("without scripts the search says so, and the letters are there",
              "The search needs JavaScript." in text and ("link", "E, 2 signatories") in tree)
        browser.open(base + "browse/e-1.html")
        links = [name for role, name in browser.accessibility() if role == "link"]
        check("and lead to the packages", "Example [7876af07]" in links and "Example [00000000]" in links, links)


def in_the_dark(driver, base, pages):
    with Browser(driver, dark=True) as browser:
        for name in ("example", "front", "hostile"):
            browser.open(base + pages[name])
            if name == "example":
                verdict(browser, id_of(pages[name]))
            browser.capture(os.path.join(CAPTURES, f"dark-{name}.png"))
        colours = browser.run(
            "const s = getComputedStyle(document.documentElement); const l = c => c.match(/[0-9.]+/g).slice(0, 3)"
            ".reduce((a, b) => a + +b, 0); return [l(s.backgroundColor), l(s.color)]")
        check("in the dark the page is dark", colours[0] < 120 and colours[1] > 600, colours)
        square = browser.run("return [...document.querySelectorAll('.square rect, .square path')].map(e => getComputedStyle(e).fill)")
        check("but the square stays dark on light, for cameras", square == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"], square)


def from_a_disk(driver, example):
    with Browser(driver) as browser:
        base = f"file://{os.path.join(SERVED, PATH)}/"
        browser.open(base + example)
        check("from a disk the box compares", verdict(browser, id_of(example)).startswith("= Equal"))
        browser.open(base + "index.html")
        browser.paste("#query", "dataframes")
        browser.wait("return document.getElementById('found').textContent !== ''")
        said = browser.run("return document.getElementById('found').textContent")
        check("from a disk the search says that it cannot", "browse by letter" in said, said)


def aloud(driver, base):
    example = page_of("Example [7876af07]", SPOKEN)
    with wave.open(os.path.join(SERVED, SPOKEN, example[: -len("html")] + "wav")) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        check("a recording has one channel of 8 bits", (sound.getnchannels(), sound.getsampwidth()) == (1, 1))
        check("and is as long as reading it twice takes", 60 < seconds < 400, seconds)
    with Browser(driver) as browser:
        browser.open(base + example)
        browser.run("const a = document.querySelector('audio'); a.preload = 'metadata'; a.load()")
        loaded = browser.wait("return document.querySelector('audio').duration > 60")
        check("the page plays it", loaded, browser.run("return document.querySelector('audio').duration"))
        check("and its policy lets it", browser.console() == [])


def main():
    server, address = serve()
    base, driver = f"{address}{PATH}/", Driver()
    try:
        pages = {
            "example": page_of("Example [7876af07]"),
            "hostile": page_of("zzz.hostile"),
            "contested": page_of("contested"),
            "wide": page_of("W" * 100),
            "long": page_of("long.history"),
            "front": "index.html",
            "about": "about.html",
            "browse": "browse/index.html",
            "letter": "browse/c-1.html",
        }
        with Browser(driver) as browser:
            clean(browser, base, pages.values())
            comparing(browser, base, pages["example"])
            searching(browser, base)
            for_screen_readers(browser, base, pages["example"])
            for name, page in pages.items():
                browser.open(base + page)
                if name == "example":
                    own = id_of(page)
                    verdict(browser, own[:20] + other(own[20]) + own[21:])
                if name == "front":
                    browser.paste("#query", "example")
                    browser.wait("return document.querySelectorAll('#results li').length > 0")
                browser.capture(os.path.join(CAPTURES, f"desktop-{name}.png"))
        with Browser(driver) as browser:
            by_keyboard(browser, base, pages["example"])
            nothing_hostile(browser, base, pages["hostile"])
        on_a_telephone(driver, base, pages)
        without_scripts(driver, base, pages["example"])
        in_the_dark(driver, base, pages)
        from_a_disk(driver, pages["example"])
        aloud(driver, f"{address}{SPOKEN}/")
    except Exception:  # Whatever it was, the last line says that not all is well.
        check("the browser did as it was told", False, traceback.format_exc())
    finally:
        driver.quit()
        server.shutdown()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
