//! Logs: to a file, or to standard error, where they stay out of the chat.

use std::fs::OpenOptions;
use std::io;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::fault::Fault;

/// Starts logging as the configuration says.
pub(crate) fn start(config: &Config) -> Result<(), Fault> {
    let filter = EnvFilter::try_new(&config.log).map_err(|error| Fault::Log(error.to_string()))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter);
    let Some(path) = &config.log_file else {
        logs.with_writer(io::stderr).init();
        return Ok(());
    };
    let opened = OpenOptions::new().create(true).append(true).open(path);
    let file = opened.map_err(|source| Fault::File {
        path: path.clone(),
        source,
    })?;
    logs.with_ansi(false).with_writer(Mutex::new(file)).init();
    Ok(())
}
