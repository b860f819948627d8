"""The report: what was measured, where, and how to repeat it."""

import datetime
import os
import platform
import subprocess

from rows import ROWS, Deep

HEAD = ["", "shopcore", "limit", "ratio", "aim", "met"]


def told(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def memory():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30


def table(rows):
    lines = [HEAD, ["---"] * len(HEAD), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def setting(bench, options):
    rustc = " ".join(told("rustc", "--version").split()[:2])
    server = bench.cluster.version()
    server = f"PostgreSQL {server}" if server else "PostgreSQL not installed: its rows are missing"
    load = os.getloadavg()[0]
    return (
        f"On {datetime.date.today()}, {os.cpu_count()} cores of {platform.machine()}, {memory()} GiB"
        f" of memory, {platform.system()}, {rustc}, {server}, load average {load:.2f}. Medians of"
        f" {options.rounds} rounds; what is compared takes turns within a round, each of"
        f" {options.seconds} s.\nNothing is acknowledged before it is on disk: SQLite with a"
        " write-ahead log and `synchronous=FULL`, PostgreSQL as it is by default."
    )


def report(bench, options):
    cells = [row.cells(bench) for row in ROWS]
    cells = [row for row in cells if row] + list(Deep.cells(bench))
    missing = "\nShops of a million units and orders were left out (`--quick`).\n"
    remarks = (bench.root / "benches/REMARKS.md").read_text()
    return f"""# What was measured

{setting(bench, options)}

The limit of SQLite is `benches/limits/sqlite_loop.c`: one thread that writes the same rows, 32
operations to a transaction, without reading, deciding or answering. That of PostgreSQL is a function
of the server in `benches/limits/postgres/`, called by pgbench: for one product and one voucher by as
many clients as suit it best. Tests hold both to the rows that the library writes. Times are the best
round, the aim being that of a disk in its fast phase.

{table(cells)}
{missing if options.quick else ""}
To repeat it: `scripts/bench`. Single operations: `cargo bench -p shopcore-benches`.

{remarks}"""
