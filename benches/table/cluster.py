"""A throw-away PostgreSQL cluster with the durability that it has by default."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile


def programs():
    """The folder of PostgreSQL's programs, or None where it is not installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    if found:
        return found[-1].parent
    return pathlib.Path(named).parent if named else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A server on the loopback, as the user `postgres` when run as root; its own user is `shop`."""

    def __init__(self):
        self.programs = programs()
        self.made = 0

    def __enter__(self):
        if self.programs is None:
            print("PostgreSQL IS NOT INSTALLED: its rows are left out", file=sys.stderr)
            return self
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shopcore-bench."))
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.run("initdb", "-U", "shop", "-A", "trust", "-E", "UTF8", "--no-locale", "-D", self.data)
        server = f"-p {self.port} -c listen_addresses=127.0.0.1 -c max_connections=300 -k {self.folder}"
        self.run("pg_ctl", "-D", self.data, "-o", server, "-l", self.folder / "log", "-w", "start")
        return self

    def __exit__(self, *_):
        if self.programs is not None:
            self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def data(self):
        return self.folder / "data"

    def run(self, program, *words):
        command = [str(self.programs / program), *map(str, words)]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def url(self, database):
        return f"postgres://shop@127.0.0.1:{self.port}/{database}"

    def database(self):
        """The address of a new database."""
        self.made += 1
        name = f"bench_{self.made}"
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url):
        self.sql("postgres", f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def sql(self, database, text):
        command = ["psql", "-X", "-q", "-A", "-t", "-d", self.url(database), "-c", text]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        return told.stdout.strip()

    def version(self):
        return self.sql("postgres", "SHOW server_version").split()[0] if self.programs else None
