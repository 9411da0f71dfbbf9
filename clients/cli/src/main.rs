//! `chancery`: the command line of a Chancery ledger.

mod args;
mod commands;
mod demo;
mod failure;
mod key_store;
mod load;
mod passphrase;
mod print;
mod report;
mod sending;
mod session;
mod tables;
mod words;

use std::process::ExitCode;

use clap::Parser;

use args::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.global.json;
    match commands::run(arguments) {
        Ok(report) => {
            report.print(json);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            failure.print(json);
            ExitCode::from(failure.exit_code())
        }
    }
}
