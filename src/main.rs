//! The `wxremind` program: a hand-over to [`wxremind::cli`].

fn main() -> std::process::ExitCode {
    wxremind::cli::main()
}
