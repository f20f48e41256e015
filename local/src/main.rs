//! The program: the local stack, or one of its functions when it is started as `function NAME`.

fn main() -> std::process::ExitCode {
    local::command_line::main()
}
