"""A terminal of 80 columns: runs a command on it, answers its questions, and keeps what it wrote."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

COLUMNS, ROWS = 80, 24

# A question waits with one of these at the end of the line.
PROMPT = re.compile(rb"(> ?|\[y/N\] ?|: ?)$")

# A command that has said nothing for so many seconds waits for an answer.
QUIET = 0.4


def run(command, answers=(), environment=(), patience=60.0):
    """The exit status, and the bytes that the command wrote; an answer is given whenever it waits for one."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(environment)
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    written, answers, deadline = b"", list(answers), time.monotonic() + patience
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], QUIET)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                break
            if not part:
                break
            written += part
        elif answers and PROMPT.search(written):
            answer = answers.pop(0)
            answer = answer(written.decode()) if callable(answer) else answer
            os.write(terminal, answer.encode() + b"\n")
    else:
        os.kill(child, 9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), written


def page(prompt, written):
    """A page that shows the command as it was typed, and what it wrote, in its colours."""
    text = f"\x1b[1m$ {prompt}\x1b[0m\n".encode() + written.replace(b"\r\n", b"\n")
    made = subprocess.run(["aha", "--black", "--title", prompt], input=text, capture_output=True, check=True).stdout.decode()
    style = "<style>body{margin:1rem}pre{font:15px/1.35 'DejaVu Sans Mono',monospace;white-space:pre;margin:0}</style>"
    return made.replace("</head>", f"{style}</head>", 1)


def picture(html, png, lines):
    """Renders a page as a PNG file, as high as it has lines."""
    profile = f"{png}.profile"
    size = f"--window-size=820,{max(160, 60 + 21 * lines)}"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    subprocess.run(["chromium", *flags, size, f"--user-data-dir={profile}", f"--screenshot={png}", f"file://{html}"],
                   check=True, capture_output=True, timeout=120)
    subprocess.run(["rm", "-rf", profile], check=True)
