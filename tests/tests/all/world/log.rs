//! What is logged meanwhile.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use tracing::Dispatch;
use tracing_subscriber::filter::LevelFilter;

/// Wants every line as long as the process lives: where the last one who wants a line is gone, its
/// place in the code is told to be silent, for a subscriber that is being set at that moment, too.
static EAR: LazyLock<Dispatch> = LazyLock::new(|| {
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE);
    Dispatch::new(subscriber.with_writer(io::sink).finish())
});

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that is logged in this thread during some work.
pub(crate) async fn logged(work: impl Future<Output = ()>) -> String {
    LazyLock::force(&EAR);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    work.await;
    drop(guard);
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}
