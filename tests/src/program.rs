//! Programs that start stacks, and are the functions of these stacks themselves.

use std::process::ExitCode;

use tokio::runtime::Builder;

/// Runs a function when the program was started as `function NAME`; otherwise `work`, which gets the program's path.
///
/// # Panics
/// When the program's path is no text, or the machine has no threads for it.
pub fn run<F: Future<Output = ExitCode>>(work: impl FnOnce(String) -> F) -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("function") {
        return local::command_line::main();
    }
    let program = std::env::current_exe().expect("this program has a path");
    let program = program.to_str().expect("a path that is text").to_owned();
    Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(work(program))
}
