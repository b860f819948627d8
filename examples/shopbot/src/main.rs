//! shopbot: a shop for digital goods in a chat, made with shopcore.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use cli::{ChatArgs, Cli, Command, Import, JobsCommand, KeyCommand, Role};
use config::Config;
use fault::Fault;
use logs::Company;
use output::Output;
use serve::Doors;
use shopcore::service::make_key_file;

mod audit;
mod backup;
mod check;
mod cli;
mod config;
mod demo;
mod export;
mod fault;
mod gateways;
mod import;
mod jobs;
mod logs;
mod migrate;
mod open;
mod output;
mod progress;
mod report;
mod sandbox;
mod serve;
mod terminal;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    let output = Output::new(&cli);
    let ended = match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let ended = runtime.block_on(run(&cli, &output));
            // A reader of the terminal may still wait for a line that never comes.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(Fault::Runtime(error)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            output.failure(&fault.told());
            ExitCode::FAILURE
        }
    }
}

/// Tells what was wrong with the command line, or the help that was asked for.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let output = Output::of(std::env::args_os());
    if !error.use_stderr() || !output.is_json() {
        error.exit();
    }
    let told = error.to_string();
    output.failure(told.trim().trim_start_matches("error: "));
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

async fn run(cli: &Cli, output: &Output) -> Result<(), Fault> {
    if cli.json && matches!(&cli.command, None | Some(Command::Chat(_) | Command::Serve)) {
        return Err(Fault::NoData);
    }
    let config = Config::read(cli)?;
    logs::start(&config, company(cli))?;
    let Some(command) = &cli.command else {
        let customer = ChatArgs {
            role: Role::Customer,
            user: None,
        };
        return serve::chat(&config, &customer, Doors::All).await;
    };
    match command {
        Command::Chat(args) => serve::chat(&config, args, Doors::Chat).await,
        Command::Serve => serve::serve(&config, output).await,
        Command::Import(what) => import(&config, what, output).await,
        Command::Sandbox(command) => sandbox::run(&config, command, output).await,
        Command::Jobs(JobsCommand::Run { name }) => {
            serve::check(&config)?;
            let shop = open::existing(&config).await?;
            let courier = Arc::new(serve::courier(&config, shop.clone())?);
            jobs::run(&shop, courier, *name, output).await
        }
        Command::Check(args) => {
            serve::check(&config)?;
            check::check(&open::existing(&config).await?, args, output).await
        }
        Command::Audit(args) => {
            serve::check(&config)?;
            audit::audit(&open::existing(&config).await?, args, output).await
        }
        Command::Export(args) => {
            serve::check(&config)?;
            export::export(&open::existing(&config).await?, args, output).await
        }
        Command::Report(args) => {
            serve::check(&config)?;
            report::report(&open::existing(&config).await?, args, output).await
        }
        Command::MigrateStore(args) => migrate::store(args, output).await,
        Command::Backup(args) => backup::backup(&config, args, output).await,
        Command::Restore(args) => backup::restore(&config, args, output).await,
        Command::Key(KeyCommand::NewBackup { file }) => backup::new_key(file, output),
        Command::Key(KeyCommand::New { file }) => {
            make_key_file(file)?;
            output.remark(&format!(
                "{} holds a new key; keep a copy of it",
                file.display()
            ));
            Ok(())
        }
    }
}

fn company(cli: &Cli) -> Company {
    match &cli.command {
        None | Some(Command::Chat(_)) => Company::Chat,
        Some(_) => Company::Command,
    }
}

async fn import(config: &Config, what: &Import, output: &Output) -> Result<(), Fault> {
    serve::check(config)?;
    match what {
        Import::Products(args) => {
            // Read first, so that a file that can't be makes no shop.
            let rows = import::Rows::read(args)?;
            let shop = match args.rows.dry_run {
                true => open::foreseen(config).await?,
                false => open::shop(config).await?,
            };
            import::products(&shop, rows, args, output).await
        }
        Import::Stock(args) => import::stock(&open::existing(config).await?, args, output).await,
        Import::Vouchers(args) => {
            import::vouchers(&open::existing(config).await?, args, output).await
        }
        Import::Customers(args) => {
            import::customers(&open::existing(config).await?, args, output).await
        }
        Import::Orders(args) => import::orders(&open::existing(config).await?, args, output).await,
    }
}
