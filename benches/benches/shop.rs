//! What the shop does most, on SQLite as people run it: every operation waits for the disk.

use std::cell::Cell;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use shopcore::invoice::{Outcome, PaymentEvent};
use shopcore::stock::Content;
use shopcore_benches::stand::{Size, Stand, new_contents};
use shopcore_benches::stopwatch::Stopwatch;
use shopcore_benches::target::Target;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SIZE: Size = Size {
    products: 1,
    stock: 1_000,
    vouchers: 1,
    uses: 4_000_000_000,
    customers: 1,
};

/// How many place the orders that expire.
const CLIENTS: u32 = 64;

const EXPIRING: usize = 10_000;
const IMPORTED: usize = 100_000;

/// A measurement of what fails is worth nothing, so it ends the program.
fn must<T, E: Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// A stand on a file of its own.
struct Bench {
    runtime: Runtime,
    stand: Arc<Stand>,
    _directory: TempDir,
}

impl Bench {
    fn open(size: Size) -> Self {
        let directory = must(tempfile::tempdir());
        let runtime = must(Runtime::new());
        let target = Target::Sqlite(directory.path().join("bench.db"));
        let stand = runtime.block_on(async {
            let store = must(target.open().await);
            Arc::new(must(Stand::open(store, size).await))
        });
        Self {
            runtime,
            stand,
            _directory: directory,
        }
    }

    /// Times `work` alone, so many times over, each time on what `prepare` made for it.
    fn time<T, P, W>(
        &self,
        times: u64,
        prepare: impl Fn(usize) -> P,
        work: impl Fn(T) -> W,
    ) -> Duration
    where
        P: Future<Output = T>,
        W: Future<Output = ()>,
    {
        self.runtime.block_on(async {
            let mut spent = Duration::ZERO;
            for turn in 0..usize::try_from(times).unwrap_or(usize::MAX) {
                let prepared = prepare(turn).await;
                let watch = Stopwatch::start();
                work(prepared).await;
                spent += watch.elapsed();
            }
            spent
        })
    }

    /// Places an order and opens its charge; gives the payment that will settle it.
    async fn owe(&self, turn: usize) -> PaymentEvent {
        let stand = &self.stand;
        let placed = must(stand.place(turn).await);
        let bill = must(stand.bill(&placed).await);
        must(stand.payment(&bill))
    }

    async fn settle(&self, event: PaymentEvent) {
        let settled = must(self.stand.shop.settlement().settle(&event).await);
        assert_eq!(settled.payment.outcome, Outcome::Paid);
    }

    async fn place_and_cancel(&self, turn: usize) {
        let placed = must(self.stand.place(turn).await);
        must(self.stand.cancel(&placed).await);
    }

    async fn place_many(&self) {
        must(self.stand.place_many(EXPIRING, CLIENTS).await);
        self.stand.let_orders_lapse();
    }
}

/// One client, on a shallow and on a deep stock: the depth must not matter.
fn checkout(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("checkout");
    for stock in [1_000, 100_000] {
        let bench = Bench::open(Size { stock, ..SIZE });
        let last = Cell::new(None);
        group.bench_function(BenchmarkId::from_parameter(stock), |bencher| {
            bencher.iter_custom(|times| {
                // The order before is given up, so that the stock stays as deep as it was.
                let give_up = async |turn| {
                    if let Some(placed) = last.take() {
                        must(bench.stand.cancel(&placed).await);
                    }
                    turn
                };
                bench.time(times, give_up, async |turn| {
                    last.set(Some(must(bench.stand.place(turn).await)));
                })
            });
        });
    }
    group.finish();
}

fn settlement(criterion: &mut Criterion) {
    let bench = Bench::open(Size {
        stock: 100_000,
        ..SIZE
    });
    criterion.bench_function("settlement", |bencher| {
        bencher.iter_custom(|times| {
            bench.time(times, |turn| bench.owe(turn), |event| bench.settle(event))
        });
    });
}

/// An order with a voucher that allows one use, and the way back.
fn voucher(criterion: &mut Criterion) {
    let bench = Bench::open(Size { uses: 1, ..SIZE });
    criterion.bench_function("voucher", |bencher| {
        bencher.iter_custom(|times| {
            bench.time(times, std::future::ready, |turn| {
                bench.place_and_cancel(turn)
            })
        });
    });
}

fn expiry(criterion: &mut Criterion) {
    let bench = Bench::open(Size {
        stock: 10_000,
        ..SIZE
    });
    let mut group = criterion.benchmark_group("expiry");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("10000", |bencher| {
        bencher.iter_custom(|times| {
            bench.time(
                times,
                |_| bench.place_many(),
                async |()| {
                    assert_eq!(must(bench.stand.expire().await), EXPIRING);
                },
            )
        });
    });
    group.finish();
}

fn import(criterion: &mut Criterion) {
    let bench = Bench::open(Size { stock: 0, ..SIZE });
    let mut group = criterion.benchmark_group("import");
    group.throughput(Throughput::Elements(100_000));
    group.bench_function("100000", |bencher| {
        bencher.iter_custom(|times| {
            let contents = async |_| must(new_contents(&bench.stand.shop, IMPORTED));
            bench.time(times, contents, async |contents: Vec<Content>| {
                must(bench.stand.import(0, &contents).await);
            })
        });
    });
    group.finish();
}

fn quick() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = shop;
    config = quick();
    targets = checkout, settlement, voucher, expiry, import
}
criterion_main!(shop);
