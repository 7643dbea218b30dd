"""Runs a command and talks with it, on a terminal of its own or on none.

usage: dialogue.py terminal|none [EXPECTED ANSWER]... -- COMMAND...

Waits until the command has written EXPECTED after the last answer, and then sends ANSWER as a line; `^C` and `^D` are sent
as these keys. With `none` the process has no terminal at all, not even one that its parents have. Prints what the command
wrote, then a line that says whether the terminal shows again what is typed, and ends with its exit status; 99 if it never
wrote what was expected.
"""

import os
import pty
import select
import subprocess
import sys
import termios
import time

split = sys.argv.index("--")
kind, said, command = sys.argv[1], sys.argv[2:split], sys.argv[split + 1:]
if kind == "none":
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True)
    sys.stdout.buffer.write(done.stdout + done.stderr)
    sys.exit(done.returncode)
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
pairs = list(zip(said[::2], said[1::2]))
seen = b""
answered = 0
deadline = time.monotonic() + 60
echo = None
while time.monotonic() < deadline:
    if not select.select([terminal], [], [], 0.1)[0]:
        if pairs and pairs[0][0].encode() in seen[answered:]:
            answered = len(seen)
            answer = pairs.pop(0)[1]
            keys = {"^C": b"\x03", "^D": b"\x04"}
            os.write(terminal, keys.get(answer, answer.encode() + b"\n"))
        continue
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    try:
        echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
    except termios.error:
        pass
else:
    os.kill(child, 9)
    pairs.append(("the end", ""))
try:
    echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
except termios.error:
    pass
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.stdout.write(seen.decode().replace("\r\n", "\n"))
sys.stdout.write(f"\n(echo {'on' if echo else 'off'})\n")
if pairs:
    sys.stdout.write(f"(never written: {pairs[0][0]})\n")
    status = 99
sys.exit(status if status >= 0 else 128 - status)
