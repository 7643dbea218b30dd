"""Runs a command on a terminal of its own and answers its questions.

usage: terminal.py ID ANSWER... -- COMMAND...

An ANSWER is sent as a line each time the command prints its prompt. The answer `groups` stands for the groups of ID that
were asked for. Prints all that the command wrote, and ends with its exit status.
"""

import os
import pty
import re
import sys

split = sys.argv.index("--")
whole, answers, command = sys.argv[1], sys.argv[2:split], sys.argv[split + 1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
seen = b""
unanswered = 0
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    if seen[unanswered:].rstrip(b" ").endswith((b">", b"[y/N]")) and answers:
        unanswered = len(seen)
        answer = answers.pop(0)
        if answer == "groups":
            numbers = re.search(rb"groups ([\d, ]+)", seen).group(1).decode().split(", ")
            answer = " ".join(whole[4 * int(number) - 4:4 * int(number)] for number in numbers)
        os.write(terminal, answer.encode() + b"\n")
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.stdout.write(seen.decode().replace("\r\n", "\n"))
sys.exit(status)
