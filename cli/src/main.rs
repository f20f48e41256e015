//! The program `pombo`.

fn main() -> std::process::ExitCode {
    cli::main()
}
