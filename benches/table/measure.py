"""Runs the load program and the limits, and keeps what they told."""

import collections
import json
import statistics
import subprocess

MIGRATIONS = "shopcore/migrations/sqlite"


class Bench:
    """What was measured, by name."""

    def __init__(self, root, target, folder, cluster, seconds):
        self.root, self.target, self.folder = root, target, folder
        self.cluster, self.seconds = cluster, seconds
        self.told = collections.defaultdict(list)
        self.files = 0

    def note(self, name, value):
        self.told[name].append(value)

    def median(self, name):
        return statistics.median(self.told[name]) if self.told[name] else None

    def backends(self):
        return ["sqlite", "postgres"] if self.cluster.programs else ["sqlite"]

    def store(self, backend):
        """The address of a new store."""
        if backend == "postgres":
            return self.cluster.database()
        self.files += 1
        return f"sqlite:{self.folder}/load-{self.files}.db"

    def drop(self, store):
        if store.startswith("postgres:"):
            self.cluster.drop(store)
            return
        stem = store.removeprefix("sqlite:").removesuffix(".db").rsplit("/", 1)[1]
        for path in self.folder.glob(f"{stem}*"):
            path.unlink()

    def load(self, store, *words, **options):
        """What the load program tells of a store; it stays."""
        options = {"seconds": self.seconds, **options}
        command = [self.target / "release/load", "--store", store, "--json", *words]
        for name, value in options.items():
            command += [f"--{name}", value]
        return self.run(command)

    def once(self, backend, *words, **options):
        """What the load program tells of a new store."""
        store = self.store(backend)
        try:
            return self.load(store, *words, **options)
        finally:
            self.drop(store)

    def loop(self, what, stock, per_transaction):
        """What the loop in C reaches."""
        store = self.store("sqlite")
        path = store.removeprefix("sqlite:")
        words = [what, MIGRATIONS, path, self.seconds, stock, per_transaction]
        told = self.run([self.target / "limits/sqlite_loop", *words])
        self.drop(store)
        return told["ops_per_s"]

    def function(self, what, clients, products, vouchers, stock):
        """What a function of the server reaches."""
        store = self.store("postgres")
        words = [store, what, clients, self.seconds, products, vouchers, stock]
        told = self.run([self.root / "benches/limits/postgres/run", *words])
        self.drop(store)
        return told["ops_per_s"]

    def run(self, command):
        command = [str(word) for word in command]
        ran = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
        if ran.returncode:
            raise SystemExit(f"{' '.join(command)}:\n{ran.stdout}{ran.stderr}")
        return json.loads(ran.stdout.strip().splitlines()[-1])
