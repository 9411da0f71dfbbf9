//! The server's command: `chanceryd serve`, `init`, `rebuild` and `rotate-keeping-key`.

use std::process::ExitCode;

use chancery_api::config::{self, Command, Config};
use chancery_api::http;
use clap::Parser;

/// What verifiers allocate the sequencer frees: the system's allocator is slow at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let config = Config::parse();
    config::start_logging(config.json_log);
    let done = match config.command.clone().unwrap_or(Command::Serve) {
        Command::Serve => http::serve(&config).map_err(|error| error.to_string()),
        Command::Init(founding) => {
            config::init(&config, &founding).map_err(|error| error.to_string())
        }
        Command::Rebuild => config::rebuild(&config),
        Command::RotateKeepingKey => config::rotate_keeping_key(&config),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chanceryd: {error}");
            ExitCode::FAILURE
        }
    }
}
