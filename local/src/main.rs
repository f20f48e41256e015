//! The laptop's stack, and each of its functions when it is started as `function NAME`.

fn main() -> std::process::ExitCode {
    local::command_line::main()
}
