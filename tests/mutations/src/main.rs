//! `mutate`: applies a mutation to a copy of the project. `tests/mutation-test` drives it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mutations::mutation::{self, MutationError};

/// Removes one mechanism from the code, to see that a test notices.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists the mutations.
    List,
    /// Lists the commands of which at least one must fail with a mutation.
    CaughtBy {
        /// The mutation's name.
        name: String,
    },
    /// Checks that every mutation applies, and writes nothing.
    Check {
        /// The root of the project.
        #[arg(long, default_value = ".")]
        root: PathBuf,
    },
    /// Applies a mutation.
    Apply {
        /// The mutation's name.
        name: String,
        /// The root of a copy of the project: its files are changed.
        #[arg(long)]
        root: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, MutationError> {
    match command {
        Command::List => mutation::all()?.keys().for_each(|name| println!("{name}")),
        Command::CaughtBy { name } => {
            mutation::named(&name)?.caught_by.iter().for_each(|command| println!("{command}"))
        }
        Command::Check { root } => {
            let mut failed = false;
            for (name, mutation) in mutation::all()? {
                if let Err(error) = mutation.apply(&root) {
                    failed = true;
                    eprintln!("{name}: {error}");
                }
            }
            return Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        Command::Apply { name, root } => {
            for (file, text) in mutation::named(&name)?.apply(&root)? {
                fs::write(&file, text).map_err(|error| MutationError::File(file, error))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
