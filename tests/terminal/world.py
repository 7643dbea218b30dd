"""A world for the tests: a maintainer with a signed package, a user who trusts it, and a terminal to run sigpkg on."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

# How long anything may take, in seconds.
PATIENCE = 60


class World:
    def __init__(self, sigpkg, place):
        self.sigpkg = os.path.abspath(sigpkg)
        self.place = os.path.abspath(place)
        self.bin = self.path("bin")
        self.tmp = self.path("tmp")
        for folder in (self.bin, self.tmp, self.path("home")):
            os.makedirs(folder)
        os.symlink(self.sigpkg, os.path.join(self.bin, "sigpkg"))
        with open(self.path("home/.gitconfig"), "w") as config:
            config.write("[user]\n\tname = Anna\n\temail = anna@example.org\n[init]\n\tdefaultBranch = main\n")
        self.tides = self.path("Tides")
        self.make()

    def path(self, name):
        return os.path.join(self.place, name)

    def environment(self, **more):
        environment = {
            "PATH": self.bin + ":" + os.environ["PATH"],
            "HOME": self.path("home"),
            "TMPDIR": self.tmp,
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        environment.update(more)
        return {name: value for name, value in environment.items() if value is not None}

    def run(self, *words, folder=None, **more):
        """Runs a command without a terminal."""
        return subprocess.run(words, cwd=folder or self.place, env=self.environment(**more), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, text=True)

    def do(self, *words, folder=None, **more):
        ran = self.run(*words, folder=folder, **more)
        if ran.returncode != 0:
            raise RuntimeError(f"{words}: status {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def make(self):
        os.makedirs(self.tides)
        self.do("git", "init", "-q", folder=self.tides)
        self.change("one")
        # These are test keys.
        self.do("sigpkg", "init", "--name", "Tides", "--reserve-out", self.path("reserve"), "--no-passphrase", folder=self.tides)
        self.do("sigpkg", "release", "1.0.0", "--yes", folder=self.tides)
        self.id = self.do("sigpkg", "id", ".", "--json", folder=self.tides)
        self.id = self.id.split('"signatory":"')[1].split('"')[0]
        self.do("sigpkg", "trust", "add", self.tides, "--id", self.id)

    def change(self, text):
        with open(os.path.join(self.tides, "tides.txt"), "w") as file:
            file.write(text + "\n")
        self.do("git", "add", "-A", folder=self.tides)
        self.do("git", "commit", "-qm", text, folder=self.tides)

    def big_tarball(self, gibibytes):
        """A tarball with one file of zeros, which takes no place on the disk."""
        path = self.path("big.tar")
        size = gibibytes << 30
        header = bytearray(512)
        header[0:len(b"top/zeros")] = b"top/zeros"
        header[100:108], header[108:116], header[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
        header[124:136] = b"%011o\0" % size
        header[136:148], header[156:157] = b"00000000000\0", b"0"
        header[257:265] = b"ustar\00000"
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        with open(path, "wb") as file:
            file.write(header)
            file.truncate(512 + size + 1024)
        return path


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, world, words, folder=None, columns=80, ignored=(), **more):
        environment = world.environment(**more)
        self.seen = b""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
                for number in ignored:
                    signal.signal(number, signal.SIG_IGN)
                os.chdir(folder or world.place)
                os.execvpe(words[0], words, environment)
            finally:
                os._exit(127)

    def read(self, seconds):
        """Reads what comes in so many seconds; false at the end."""
        ready, _, _ = select.select([self.terminal], [], [], seconds)
        if not ready:
            return True
        try:
            part = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.seen += part
        return bool(part)

    def wait_for(self, text, seconds=PATIENCE):
        """Waits for a text; false if it does not come."""
        end = time.monotonic() + seconds
        while text.encode() not in self.seen:
            if time.monotonic() > end or not self.read(0.05):
                return text.encode() in self.seen
        return True

    def type(self, text):
        os.write(self.terminal, text.encode())

    def kill(self, number):
        os.kill(self.child, number)

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def end(self, seconds=PATIENCE):
        """Reads to the end; the status, or minus the signal."""
        end = time.monotonic() + seconds
        status = None
        while status is None:
            if time.monotonic() > end:
                os.kill(self.child, signal.SIGKILL)
            self.read(0.02)
            pid, found = os.waitpid(self.child, os.WNOHANG)
            if pid:
                status = os.waitstatus_to_exitcode(found)
        while self.read(0.05) and select.select([self.terminal], [], [], 0)[0]:
            pass
        self.echo_at_end = self.echoes_or_closed()
        os.close(self.terminal)
        return status

    def echoes_or_closed(self):
        try:
            return self.echoes()
        except termios.error:
            return True

    def text(self):
        return self.seen.decode("utf-8", "replace").replace("\r\n", "\n")
