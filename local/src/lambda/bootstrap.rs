//! Runs this program as one of the functions: the same code as the function's `bootstrap` on AWS.

use std::io::Read as _;
use std::process::ExitCode;

/// Runs a function until the Lambda host ends the process.
pub fn run(name: &str) -> ExitCode {
    exit_with_the_host();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match name {
                "send" => send::run().await,
                "deliver" => deliver::run().await,
                "receive" => receive::run().await,
                "notify" => notify::run().await,
                "manage" => manage::run().await,
                "settle" => settle::run().await,
                "media" => media::run().await,
                name => Err(format!("there is no function {name}").into()),
            }
        })
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Exits when standard input is closed: the host holds its other end, which is closed however the host ends.
fn exit_with_the_host() {
    std::thread::spawn(|| {
        drop(std::io::stdin().read(&mut [0]));
        std::process::exit(1);
    });
}
