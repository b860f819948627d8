"""The rows of the table: what is measured, beside what, and what is aimed at."""

HOT = {"products": 1, "vouchers": 1, "stock": 60000}
MANY = {"products": 100, "vouchers": 1000, "stock": 800}
THOUSAND_SHOPS = {"shops": 1000, "products": 1, "vouchers": 1, "stock": 60}
MILLION = 1_000_000


class Ratio:
    """Ours beside a limit; at least `bar`."""

    def __init__(self, title, backend, bar, ours, limit):
        self.title, self.backend, self.bar = title, backend, bar
        self.ours, self.limit = ours, limit

    def measure(self, bench):
        if self.backend in bench.backends():
            bench.note(f"{self.title}/limit", self.limit(bench))
            bench.note(f"{self.title}/ours", self.ours(bench))

    def cells(self, bench):
        ours, limit = bench.median(f"{self.title}/ours"), bench.median(f"{self.title}/limit")
        if ours is None:
            return None
        ratio = ours / limit
        met = "yes" if ratio >= self.bar else "**no**"
        return [self.title, f"{ours:,.0f}", f"{limit:,.0f}", f"{ratio:.2f}", f"≥ {self.bar}", met]


class Span:
    """How long a piece of work takes, in seconds; at most `bar`. The best round counts, since the
    aim is that of a disk in its fast phase."""

    def __init__(self, title, backend, bar, things, options):
        self.title, self.backend, self.bar = title, backend, bar
        self.things, self.options = things, options

    def measure(self, bench):
        if self.backend in bench.backends():
            told = bench.once(self.backend, **self.options)
            bench.note(self.title, self.things / told["ops_per_s"])

    def cells(self, bench):
        if not bench.told[self.title]:
            return None
        best = min(bench.told[self.title])
        met = "yes" if best <= self.bar else "**no**"
        return [self.title, f"{best:.2f} s", "", "", f"≤ {self.bar} s", met]


class Memory:
    """The most memory that the process of one measurement held, in MiB; at most `bar`."""

    def __init__(self, title, backend, bar, options):
        self.title, self.backend, self.bar, self.options = title, backend, bar, options

    def measure(self, bench):
        if self.backend in bench.backends():
            told = bench.once(self.backend, **self.options)
            bench.note(self.title, told["memory_peak_mib"])

    def cells(self, bench):
        if not bench.told[self.title]:
            return None
        most = max(bench.told[self.title])
        met = "yes" if most <= self.bar else "**no**"
        return [self.title, f"{most} MiB", "", "", f"≤ {self.bar} MiB", met]


class Tail:
    """p99 at half of the most that 64 clients reach, beside p50."""

    def __init__(self, title, backend, bar):
        self.title, self.backend, self.bar = title, backend, bar

    def measure(self, bench):
        if self.backend in bench.backends():
            most = bench.once(self.backend, clients=64, **HOT)["ops_per_s"]
            told = bench.once(self.backend, rate=round(most / 2), **HOT)
            bench.note(f"{self.title}/p50", told["p50_ms"])
            bench.note(f"{self.title}/p99", told["p99_ms"])

    def cells(self, bench):
        p50, p99 = bench.median(f"{self.title}/p50"), bench.median(f"{self.title}/p99")
        if p50 is None:
            return None
        met = "yes" if p99 <= self.bar * p50 else "**no**"
        ratio = f"{p99 / p50:.1f}"
        return [self.title, f"{p99:.1f} ms", f"{p50:.1f} ms", ratio, f"≤ {self.bar}", met]


class Deep:
    """Median times of one client in small shops and in those of a million, which are kept."""

    TITLES = ["{}: median, a million units beside a thousand",
              "{}: median, a million past orders beside none"]
    BAR = 1.3

    def __init__(self, bench):
        self.bench = bench
        self.stores = {backend: self.fill(backend) for backend in bench.backends()}

    def fill(self, backend):
        bench, stores = self.bench, [self.bench.store(backend) for _ in range(3)]
        for store, stock in zip(stores, [1000, MILLION, 1000]):
            bench.load(store, "--no-check", clients=1, stock=stock, seconds=1)
        # Each round places a hundred thousand orders and lets them lapse.
        done = 0
        while done < MILLION:
            done += bench.load(
                stores[2], "--no-check", scenario="expiry", clients=256, stock=100_000, seconds=1
            )["ops"]
        return stores

    def measure(self):
        for backend, (small, stocked, old) in self.stores.items():
            for name, store in [("small", small), ("stocked", stocked), ("old", old)]:
                told = self.bench.load(store, "--no-check", clients=1, stock=1000)
                self.bench.note(f"deep/{backend}/{name}", told["p50_ms"])

    @classmethod
    def cells(cls, bench):
        for backend, name in [("sqlite", "SQLite"), ("postgres", "PostgreSQL")]:
            small = bench.median(f"deep/{backend}/small")
            if small is None:
                continue
            for title, kind in zip(cls.TITLES, ["stocked", "old"]):
                deep = bench.median(f"deep/{backend}/{kind}")
                met = "yes" if deep <= cls.BAR * small else "**no**"
                ratio = f"{deep / small:.2f}"
                yield [title.format(name), f"{deep:.2f} ms", f"{small:.2f} ms", ratio,
                       f"≤ {cls.BAR}", met]


def ours(backend, *words, **options):
    return lambda bench: bench.once(backend, *words, **options)["ops_per_s"]


def function(what, clients, size):
    return lambda bench: bench.function(what, clients, **size)


def best_function(bench):
    """The function at the number of clients that suits it best, found in the first round."""
    if not hasattr(bench, "best_clients"):
        tried = {c: bench.function("purchase", c, **HOT) for c in [8, 16, 32]}
        bench.best_clients = max(tried, key=tried.get)
    return bench.function("purchase", bench.best_clients, **HOT)


def loop(what, stock, per_transaction=32):
    return lambda bench: bench.loop(what, stock, per_transaction)


PAID = {"products": 1, "vouchers": 1, "stock": 8000}
LOTS = {**HOT, "stock": 100_000}

ROWS = [
    Ratio("PostgreSQL purchases/s, one product, one voucher, 64 clients", "postgres", 8,
          ours("postgres", clients=64, **HOT), best_function),
    Ratio("PostgreSQL purchases/s, 100 products, 1,000 vouchers, 64 clients", "postgres", 1.2,
          ours("postgres", clients=64, **MANY), function("purchase", 64, MANY)),
    Ratio("PostgreSQL purchases/s, 100 products, 1,000 vouchers, 256 clients", "postgres", 2,
          ours("postgres", clients=256, **MANY), function("purchase", 256, MANY)),
    Ratio("PostgreSQL settlements/s, 64 clients", "postgres", 4,
          ours("postgres", clients=64, scenario="settlement", **{**PAID, "stock": 16000}),
          function("settlement", 16, PAID)),
    Ratio("PostgreSQL purchases/s, 1 client", "postgres", 0.5,
          ours("postgres", clients=1, **HOT), function("purchase", 1, HOT)),
    Ratio("PostgreSQL purchases/s, 1 % refused beside none, 64 clients", "postgres", 0.5,
          ours("postgres", clients=64, refused=100, **HOT),
          ours("postgres", clients=64, **HOT)),
    Ratio("SQLite purchases/s, 64 clients", "sqlite", 0.25,
          ours("sqlite", clients=64, **LOTS), loop("purchase", 500_000)),
    Ratio("SQLite purchases/s, 256 clients", "sqlite", 0.3,
          ours("sqlite", clients=256, **LOTS), loop("purchase", 500_000)),
    Ratio("SQLite settlements/s, 64 clients", "sqlite", 0.25,
          ours("sqlite", clients=64, scenario="settlement", **{**PAID, "stock": 20_000}),
          loop("settlement", 80_000)),
    Ratio("SQLite settlements/s, 256 clients", "sqlite", 0.3,
          ours("sqlite", clients=256, scenario="settlement", **{**PAID, "stock": 20_000}),
          loop("settlement", 80_000)),
    Ratio("SQLite purchases/s, 1 % refused beside none, 64 clients", "sqlite", 0.5,
          ours("sqlite", clients=64, refused=100, **LOTS), ours("sqlite", clients=64, **LOTS)),
    Span("SQLite, 10,000 overdue orders expired", "sqlite", 1, 10_000,
         {"scenario": "expiry", "clients": 64, "stock": 10_000}),
    Span("PostgreSQL, 10,000 overdue orders expired", "postgres", 2, 10_000,
         {"scenario": "expiry", "clients": 64, "stock": 10_000}),
    Span("SQLite, 100,000 contents imported", "sqlite", 2, 100_000,
         {"scenario": "import", "clients": 1, "stock": 100_000}),
    Span("PostgreSQL, 100,000 contents imported", "postgres", 3, 100_000,
         {"scenario": "import", "clients": 1, "stock": 100_000}),
    Tail("SQLite, 99th of 100 beside the median, at half the maximum rate", "sqlite", 10),
    Tail("PostgreSQL, 99th of 100 beside the median, at half the maximum rate", "postgres", 10),
    Ratio("SQLite purchases/s, 1,000 shops beside one, 64 clients", "sqlite", 0.9,
          ours("sqlite", "--no-check", clients=64, **THOUSAND_SHOPS),
          ours("sqlite", "--no-check", clients=64, **HOT)),
    Memory("SQLite, 1,000 shops in one process", "sqlite", 150,
           {"clients": 64, **THOUSAND_SHOPS}),
    Ratio("PostgreSQL purchases/s, 1,000 shops beside one, 64 clients", "postgres", 0.9,
          ours("postgres", "--no-check", clients=64, **THOUSAND_SHOPS),
          ours("postgres", "--no-check", clients=64, **HOT)),
    Memory("PostgreSQL, 1,000 shops in one process", "postgres", 150,
           {"clients": 64, **THOUSAND_SHOPS}),
]
