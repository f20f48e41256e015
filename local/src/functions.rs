//! This program as one of the functions: the same code as its `bootstrap` on AWS.

use std::io::Read as _;
use std::process::ExitCode;

/// Runs a function until Lambda, or the stack that stands for it, ends the process.
pub fn run(name: &str) -> ExitCode {
    end_with_the_stack();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match name {
                "send" => send::run().await,
                "deliver" => deliver::run().await,
                "receive" => receive::run().await,
                "notify" => notify::run().await,
                "manage" => manage::run().await,
                "settle" => settle::run().await,
                name => Err(format!("there is no function {name}").into()),
            }
        })
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The stack holds the other end of standard input: when it is closed, the stack is gone, however it ended.
fn end_with_the_stack() {
    std::thread::spawn(|| {
        drop(std::io::stdin().read(&mut [0]));
        std::process::exit(1);
    });
}
