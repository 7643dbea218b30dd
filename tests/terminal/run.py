"""Tests of the command line on a terminal. usage: run.py SIGPKG FOLDER"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

from world import Terminal, World

CSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
passed = failed = 0


def check(claim, holds, found=""):
    global passed, failed
    if holds:
        passed += 1
        print(f"ok {claim}")
    else:
        failed += 1
        print(f"FAILED {claim}: {found!r}")
    sys.stdout.flush()


def stores(world):
    """Every file of the stores with its content."""
    found = {}
    for folder, _, files in os.walk(world.path("home/.local")):
        for name in files:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[path] = file.read()
    return found


def at_prompts(world):
    for name, end in (("Ctrl-C", None), ("SIGTERM", signal.SIGTERM), ("SIGHUP", signal.SIGHUP)):
        out = world.path("never")
        terminal = Terminal(world, ["sigpkg", "reserve", "new", "--out", out])
        asked = terminal.wait_for("assphrase")
        time.sleep(0.3)
        hidden = not terminal.echoes()
        if end is None:
            terminal.type("half\x03")
        else:
            terminal.kill(end)
        status = terminal.end()
        expected = -(end or signal.SIGINT)
        check(f"{name} at a passphrase ends by the signal", asked and status == expected, (asked, status, terminal.text()))
        check(f"{name} at a passphrase gives the echo back", hidden and terminal.echo_at_end, hidden)
        check(f"{name} at a passphrase makes nothing", not os.path.exists(out) or not os.listdir(out))
        check(f"{name} at a passphrase is no error", "error" not in terminal.text(), terminal.text())

    world.change("two")
    before, commit = stores(world), world.do("git", "rev-parse", "HEAD", folder=world.tides)
    terminal = Terminal(world, ["sigpkg", "release", "1.1.0"], folder=world.tides)
    asked = terminal.wait_for("[y/N]")
    terminal.type("\x03")
    status = terminal.end()
    check("Ctrl-C at a question ends by the signal", asked and status == -signal.SIGINT, (status, terminal.text()))
    same = {path: text for path, text in stores(world).items() if not path.endswith("searched")}
    before = {path: text for path, text in before.items() if not path.endswith("searched")}
    check("Ctrl-C at a question signs nothing", same == before and world.do("git", "rev-parse", "HEAD", folder=world.tides) == commit)
    check("the same command goes on afterwards", world.run("sigpkg", "release", "1.1.0", "--yes", folder=world.tides).returncode == 0)


def at_the_challenge(world):
    stranger = world.path("stranger")
    terminal = Terminal(world, ["sigpkg", "trust", "add", world.path("Tides/.sigpkg/chain")], SIGPKG_HOME=stranger)
    terminal.wait_for("number 1).")
    terminal.wait_for("> ")
    os.write(terminal.terminal, b"\xff\xfe\n")
    said = terminal.wait_for("That is not it: it has 2 characters")
    terminal.type("\x04")
    status, shown = terminal.end(), terminal.text()
    check("bytes that are no text are a wrong answer and no end", said, shown)
    check("Ctrl-D at the challenge ends it on a line of its own", status == 4 and "> \nsigpkg: " in CSI.sub("", shown), (status, shown))


def at_the_words(world):
    for name, end in (("Ctrl-C", None), ("SIGTERM", signal.SIGTERM)):
        terminal = Terminal(world, ["sigpkg", "reserve", "restore", "--out", world.path("never"), "--no-passphrase"])
        terminal.wait_for("word  1 of 36 >")
        terminal.type("zoo\n")
        terminal.wait_for("word  2 of 36 >")
        if end is None:
            terminal.type("\x03")
        else:
            terminal.kill(end)
        status = terminal.end()
        cleared = b"zoo" in terminal.seen and b"zoo" not in terminal.seen.split(b"\x1b[3J")[-1]
        check(f"{name} among the words of a secret wipes them away", status == -(end or signal.SIGINT) and cleared, (status, terminal.text()))


def while_working(world):
    big = world.big_tarball(2)

    def begin(**more):
        terminal = Terminal(world, ["sigpkg", "verify", big], **more)
        # Stopped while it reads, it takes more than a second on any machine.
        terminal.read(0.05)
        time.sleep(0.15)
        terminal.kill(signal.SIGSTOP)
        time.sleep(1.2)
        terminal.kill(signal.SIGCONT)
        return terminal

    terminal = begin()
    shown = terminal.wait_for("of 2.00 GiB", 20)
    status = terminal.end()
    check("a large archive shows how far it has been read", shown, terminal.text()[-400:])
    check("the bar is of plain ASCII", all(byte < 127 for byte in terminal.seen), terminal.seen[:400])
    last = terminal.text().rsplit("\x1b[2K", 1)[-1] if "\x1b[2K" in terminal.text() else terminal.text()
    check("the bar is gone at the end", "GiB" not in last and status == 4, (status, last))
    check("the cursor is shown at the end", terminal.seen.count(b"\x1b[?25l") == terminal.seen.count(b"\x1b[?25h"))

    for name, number in (("Ctrl-C", signal.SIGINT), ("SIGTERM", signal.SIGTERM), ("SIGHUP", signal.SIGHUP)):
        terminal = begin()
        shown = terminal.wait_for("GiB", 20)
        if number == signal.SIGINT:
            terminal.type("\x03")
        else:
            terminal.kill(number)
        status = terminal.end()
        check(f"{name} while it reads ends by the signal", shown and status == -number, (status, terminal.text()[-300:]))
        end = CSI.split(terminal.text())[-1]
        check(f"{name} while it reads takes the bar away", "GiB" not in end and "verdict" not in end, end)

    for columns in (40, 200):
        terminal = begin(columns=columns)
        shown = terminal.wait_for("%" if columns < 72 else "of 2.00 GiB", 20)
        terminal.kill(signal.SIGTERM)
        terminal.end()
        lines = [line.rstrip() for line in re.split(r"[\r\n]", CSI.sub("\r", terminal.text()))]
        check(f"the bar fits into {columns} columns", shown and max(map(len, lines)) <= columns, max(lines, key=len))

    terminal = begin(TERM="dumb")
    status = terminal.end()
    check("there is no bar on a dumb terminal", status == 4 and "GiB" not in terminal.text() and "\x1b" not in terminal.text())

    terminal = begin(ignored=[signal.SIGHUP])
    terminal.kill(signal.SIGHUP)
    status = terminal.end()
    check("an ignored SIGHUP stays ignored, as nohup needs it", status == 4, status)

    with open(world.path("err"), "wb") as err:
        child = subprocess.Popen(["sigpkg", "verify", big], cwd=world.place, env=world.environment(), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=err, start_new_session=True)
        time.sleep(0.15)
        child.send_signal(signal.SIGSTOP)
        time.sleep(1.2)
        child.send_signal(signal.SIGCONT)
        out, _ = child.communicate(timeout=60)
    with open(world.path("err"), "rb") as err:
        said = err.read()
    check("there is no bar without a terminal, and never one on stdout", b"GiB" not in said + out and b"\r" not in said + out, said + out)
    os.remove(big)


def with_folders(world):
    """A git that never ends: the temporary folder goes all the same, and so does git."""
    slow = world.path("slow")
    os.makedirs(slow, exist_ok=True)
    with open(os.path.join(slow, "git"), "w") as script:
        script.write(f"#!/bin/sh\necho $$ >>{world.path('pids')}\nexec sleep 300\n")
    os.chmod(os.path.join(slow, "git"), 0o755)
    for number in (signal.SIGINT, signal.SIGTERM):
        if os.path.exists(world.path("pids")):
            os.remove(world.path("pids"))
        terminal = Terminal(world, ["sigpkg", "trust", "refresh", "--from", "https://example.org/x.git"],
                            PATH=slow + ":" + world.environment()["PATH"])
        end = time.monotonic() + 20
        while not os.path.exists(world.path("pids")) and time.monotonic() < end:
            terminal.read(0.05)
        time.sleep(0.2)
        folders = os.listdir(world.tmp)
        if number == signal.SIGINT:
            terminal.type("\x03")
        else:
            terminal.kill(number)
        status = terminal.end()
        name = signal.Signals(number).name
        check(f"{name} during a fetch ends by the signal", status == -number, (status, terminal.text()))
        check(f"{name} during a fetch leaves no temporary folder", folders and not os.listdir(world.tmp), (folders, os.listdir(world.tmp)))
        pids = [int(line) for line in open(world.path("pids"))] if os.path.exists(world.path("pids")) else []
        check(f"{name} during a fetch stops git", pids and not any(alive(pid) for pid in pids), pids)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def closed_pipes(world):
    for words in (["log", "Tides"], ["log", "Tides", "--json"], ["trust", "list"], ["--help"], ["completions", "bash"]):
        read, write = os.pipe()
        os.close(read)
        child = subprocess.Popen(["sigpkg", *words], cwd=world.place, env=world.environment(), stdin=subprocess.DEVNULL, stdout=write,
                                 stderr=subprocess.PIPE)
        os.close(write)
        _, said = child.communicate(timeout=60)
        check(f"a closed pipe is no error to sigpkg {' '.join(words)}", child.returncode == 0 and said == b"", (child.returncode, said))


def colours(world):
    def coloured(text):
        return "\x1b[" in text

    words = ["sigpkg", "verify", world.path("nothing")]
    for name, more, expected in (
        ("on a terminal there are colours", {}, True),
        ("NO_COLOR switches them off", {"NO_COLOR": "1"}, False),
        ("CLICOLOR=0 switches them off", {"CLICOLOR": "0"}, False),
        ("CLICOLOR_FORCE does not outdo NO_COLOR", {"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
        ("TERM=dumb switches them off", {"TERM": "dumb"}, False),
    ):
        terminal = Terminal(world, words, **more)
        terminal.end()
        check(name, coloured(terminal.text()) == expected, terminal.text())
    for name, more, expected in (
        ("without a terminal there are no colours", {}, False),
        ("CLICOLOR_FORCE asks for them there", {"CLICOLOR_FORCE": "1"}, True),
    ):
        ran = world.run(*words, **more)
        check(name, coloured(ran.stdout + ran.stderr) == expected, ran.stdout + ran.stderr)
    plain, forced = world.run(*words), world.run(*words, CLICOLOR_FORCE="1")
    same = CSI.sub("", forced.stdout + forced.stderr) == plain.stdout + plain.stderr
    check("nothing is said by colour alone", same, (plain.stdout, forced.stdout))
    c, utf8 = world.run("sigpkg", "log", "Tides", LC_ALL="C"), world.run("sigpkg", "log", "Tides", LC_ALL="C.UTF-8")
    check("the locale does not matter", (c.stdout, c.stderr) == (utf8.stdout, utf8.stderr))


def widths(world):
    words = ["sigpkg", "trust", "show", "Nobody"]
    piped = world.run(*words).stderr
    for columns in (40, 60, 80, 200):
        terminal = Terminal(world, words, columns=columns, NO_COLOR="1")
        terminal.end()
        lines = terminal.text().splitlines()
        # What has no space in it, or is a command, stays whole.
        long = [line for line in lines if len(line) > min(columns, 100) and len(line.split()) > 1 and "`" not in line]
        check(f"messages fit into {columns} columns", not long, terminal.text())
        check(f"no word is lost in {columns} columns", terminal.text().split() == piped.split(), terminal.text())
    check("without a terminal no line is broken", all(line.startswith("sigpkg: ") for line in piped.splitlines()), piped)
    terminal = Terminal(world, words, columns=200, NO_COLOR="1", COLUMNS="30")
    terminal.end()
    check("COLUMNS is respected", max(map(len, terminal.text().splitlines())) <= 30, terminal.text())
    terminal = Terminal(world, ["sigpkg", "trust", "show", "Tides"], columns=40, NO_COLOR="1")
    terminal.end()
    check("ids are never broken", world.id in terminal.text(), terminal.text())


def completions(world):
    for shell in ("bash", "zsh", "fish", "powershell", "elvish"):
        with open(world.path(f"sigpkg.{shell}"), "w") as script:
            script.write(world.do("sigpkg", "completions", shell))
    begun = time.monotonic()
    ran = world.run("sigpkg", "__complete", "3", "--", "sigpkg", "trust", "show", "")
    seconds = time.monotonic() - begun
    check("names of trusted packages are completed", ran.stdout.split("\t")[0] == "Tides" and ran.stderr == "", ran)
    check("it takes no time that anybody would notice", seconds < 0.5, seconds)
    ran = world.run("sigpkg", "__complete", "2", "--", "sigpkg", "yank", "", folder=world.tides)
    check("releases of the package in this folder are completed", [line.split("\t")[0] for line in ran.stdout.splitlines()] == ["1.1.0", "1.0.0"], ran.stdout)
    ran = world.run("sigpkg", "__complete", "4", "--", "sigpkg", "-C", world.tides, "yank", "1.1")
    check("-C is understood", ran.stdout.startswith("1.1.0\t"), ran.stdout)
    ran = world.run("sigpkg", "__complete", "3", "--", "sigpkg", "key", "move", "sigp")
    check("ids of one's own chains are completed", ran.stdout.startswith(world.id), ran.stdout)
    ran = world.run("sigpkg", "__complete", "2", "--", "sigpkg", "verify", f"--id={world.id[:9]}")
    check("an id is completed behind a sign of equality", ran.stdout.startswith(f"--id={world.id}"), ran.stdout)

    empty = world.path("empty")
    ran = world.run("sigpkg", "__complete", "3", "--", "sigpkg", "trust", "show", "", SIGPKG_HOME=empty)
    check("without a store there is silence", (ran.returncode, ran.stdout, ran.stderr) in ((0, "", ""), (0, ran.stdout, "")) and "Tides" not in ran.stdout, ran)
    check("completion makes no folder", not os.path.exists(empty))
    damaged = world.path("damaged")
    shutil.copytree(world.path("home/.local/share/sigpkg"), damaged)
    for folder, _, files in os.walk(damaged):
        for name in files:
            with open(os.path.join(folder, name), "ab") as file:
                file.write(b"\xff\x1b[31m")
    for words in (["trust", "show", ""], ["key", "move", ""], ["yank", ""], ["trust", "accept", ""]):
        ran = world.run("sigpkg", "__complete", str(len(words)), "--", "sigpkg", *words, SIGPKG_HOME=damaged, folder=world.tides)
        check(f"a damaged store is passed over by {' '.join(words)}", ran.returncode == 0 and ran.stderr == "" and "\x1b" not in ran.stdout, ran)
    for words in (["x"], [], ["1"], ["99", "--"], ["0", "--", "sigpkg"], ["1", "--", "sigpkg", "nothing"]):
        ran = world.run("sigpkg", "__complete", *words)
        check(f"a strange question is answered by silence: {words}", ran.returncode == 0 and ran.stderr == "", ran)
    in_bash(world)
    in_zsh(world)
    in_fish(world)
    script = open(world.path("sigpkg.powershell")).read()
    check("the script for PowerShell asks sigpkg (it was not run)", "Register-ArgumentCompleter -Native -CommandName sigpkg" in script and "__complete" in script)


def bash(world, line, folder=None, **more):
    """What bash offers for a line: its words are broken as bash breaks them."""
    pieces = re.findall(r"[:=@]+|[^\s:=@]+", line)
    if line.endswith(" "):
        pieces.append("")
    words = " ".join(f"'{piece}'" for piece in pieces)
    script = (f"source {world.path('sigpkg.bash')}; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({words});"
              f"COMP_CWORD={len(pieces) - 1}; _sigpkg sigpkg '' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    ran = world.run("bash", "--norc", "-c", script, folder=folder, **more)
    return ran.stdout.split("\n")[:-1] if ran.stdout.strip() else [], ran.stderr


def in_bash(world):
    check("bash completes a package", bash(world, "sigpkg trust show Ti") == (["Tides"], ""), bash(world, "sigpkg trust show Ti"))
    check("bash completes a command", "refresh" in bash(world, "sigpkg trust ")[0], bash(world, "sigpkg trust "))
    check("bash completes an option", bash(world, "sigpkg release --dry") == (["--dry-run"], ""), bash(world, "sigpkg release --dry"))
    found = bash(world, f"sigpkg verify --id={world.id[:6]}")
    check("bash completes behind a sign of equality", found == ([world.id], ""), found)
    # A digest has a colon, at which bash breaks words.
    stub = world.path("stub")
    os.makedirs(stub, exist_ok=True)
    with open(os.path.join(stub, "sigpkg"), "w") as script:
        script.write("#!/bin/sh\n[ \"$2 $7\" = '3 blake3:ab' ] && printf 'blake3:abcd\\tstatement 4\\n'\n")
    os.chmod(os.path.join(stub, "sigpkg"), 0o755)
    found = bash(world, "sigpkg trust accept blake3:ab", PATH=stub + ":" + os.environ["PATH"])
    check("bash completes a digest, and does not repeat what is before its colon", found == (["abcd"], ""), found)
    terminal = Terminal(world, ["bash", "--norc", "--noprofile", "-i"], PS1="$ ", INPUTRC="/dev/null")
    terminal.wait_for("$ ")
    terminal.type(f"source {world.path('sigpkg.bash')}\n")
    time.sleep(0.3)
    terminal.type("sigpkg trust show Ti\t\n")
    shown = terminal.wait_for(world.id, 10)
    os.makedirs(world.path("a folder"), exist_ok=True)
    terminal.type("sigpkg reserve new --out a\\ f\t")
    folder = terminal.wait_for("a\\ folder/", 10)
    terminal.type("\x03exit\n")
    terminal.end(10)
    check("bash completes on a terminal", shown, terminal.text())
    check("bash completes a folder itself", folder, terminal.text())


def in_zsh(world):
    terminal = Terminal(world, ["zsh", "-f", "-i"], PS1="$ ", ZDOTDIR=world.place)
    terminal.wait_for("$ ")
    terminal.type("autoload -Uz compinit && compinit -u -D; unsetopt zle_bracketed_paste; zstyle ':completion:*' list-max 0\n")
    terminal.type(f"source {world.path('sigpkg.zsh')}; echo rea''dy\n")
    terminal.wait_for("ready", 20)
    terminal.type("sigpkg trust show Ti\t")
    package = terminal.wait_for("Tides", 10)
    terminal.type("\x15sigpkg release --dry\t")
    option = terminal.wait_for("--dry-run", 10)
    terminal.type(f"\x15sigpkg key move {world.id[:8]}\t")
    own = terminal.wait_for(world.id, 10)
    terminal.type("\x15sigpkg sig verify -m big-fi\t")
    with open(world.path("big-file.txt"), "w"):
        pass
    terminal.type("\x15sigpkg sig verify -m big-fi\t")
    file = terminal.wait_for("big-file.txt", 10)
    terminal.type("\x15exit\n")
    terminal.end(10)
    check("zsh completes a package", package, terminal.text())
    check("zsh completes an option", option, terminal.text())
    check("zsh completes an id of one's own", own, terminal.text())
    check("zsh completes a file itself", file, terminal.text())


def in_fish(world):
    def offered(line, folder=None):
        ran = world.run("fish", "--no-config", "-c", f"source {world.path('sigpkg.fish')}; complete -C '{line}'", folder=folder)
        return [found.split("\t")[0] for found in ran.stdout.splitlines()], ran.stderr

    check("fish completes a package", offered("sigpkg trust show T") == (["Tides"], ""), offered("sigpkg trust show T"))
    check("fish completes an option", offered("sigpkg release --dry") == (["--dry-run"], ""), offered("sigpkg release --dry"))
    check("fish completes a release", offered("sigpkg yank 1.0", world.tides) == (["1.0.0"], ""), offered("sigpkg yank 1.0", world.tides))
    check("fish completes a folder itself", offered("sigpkg reserve new --out Tid")[0] == ["Tides/"], offered("sigpkg reserve new --out Tid"))


def commands(world, path=()):
    """Every command with the short help of it."""
    help = world.do("sigpkg", *path, "-h", COLUMNS="80")
    yield path, help
    ran = world.do("sigpkg", "__complete", str(len(path) + 1), "--", "sigpkg", *path, "")
    for line in ran.splitlines():
        name = line.split("\t")[0]
        if re.fullmatch(r"[a-z-]+", name) and not name.startswith("-") and len(path) < 2 and (not path or is_group(world, path)):
            yield from commands(world, (*path, name))


def is_group(world, path):
    return "<COMMAND>" in world.do("sigpkg", *path, "-h")


def manual(world):
    folder = world.path("man")
    world.do("sigpkg", "man", "--out", folder)
    names = sorted(os.listdir(folder))
    expected = sorted("-".join(("sigpkg", *path)) + ".1" for path, _ in commands(world))
    check("every command has a man page", names == expected, set(names) ^ set(expected))
    complaints = []
    for name in names:
        path = os.path.join(folder, name)
        ran = world.run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path, MANROFFSEQ="", MANWIDTH="80")
        complaints += [f"{name}: {line}" for line in ran.stderr.splitlines()]
        page = open(path).read()
        for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"):
            if f'.SH "{section}"' not in page and f".SH {section}\n" not in page:
                if not (section == "EXAMPLES" and name == "sigpkg.1"):
                    complaints.append(f"{name}: no {section}")
    check("man has nothing to complain of", not complaints, complaints[:10])
    # A page has no date, so that the same source gives the same page; and a blank line twice is how clap_mangen lists values.
    ran = world.run("mandoc", "-T", "lint", "-W", "warning", *[os.path.join(folder, name) for name in names])
    said = [line for line in (ran.stdout + ran.stderr).splitlines() if "skipping paragraph macro" not in line and "missing date" not in line]
    check("mandoc has nothing to complain of", not said, said[:10])


def screens(world):
    wrong = []
    for path, help in commands(world):
        lines = help.rstrip("\n").split("\n")
        if len(lines) > 24 or max(map(len, lines)) > 80:
            wrong.append((path, len(lines), max(map(len, lines))))
    check("-h of every command fits a screen of 24 lines and 80 columns", not wrong, wrong)


def main():
    # Whoever runs this in the background ignores these signals, and a program whose parent ignores one goes on doing so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    world = World(sys.argv[1], sys.argv[2])
    for part in (at_prompts, at_the_challenge, at_the_words, while_working, with_folders, closed_pipes, colours, widths, completions, manual, screens):
        try:
            part(world)
        except Exception as error:  # a test that breaks is a test that fails, and the others go on
            check(f"{part.__name__} runs to its end", False, repr(error))
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
