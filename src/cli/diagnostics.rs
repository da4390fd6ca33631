//! The program's own log, on standard error: nothing unless `-v` asks for it, or a service has something to warn of.
//!
//! Only our own crates speak: those beneath print addresses with tokens in them.

use tracing_subscriber::EnvFilter;

/// Starts the log: `-v` shows what happens, `-vv` every step of every request. A service warns without being asked,
/// since nobody waits for its end.
pub fn start(verbose: u8, is_service: bool, color: bool) {
    let level = match verbose {
        0 if is_service => "warn",
        0 => return,
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::new(format!("off,wxremind={level},wechat={level}"));
    // Only the first call counts; tests of several commands in one process make more.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .with_target(false)
        .try_init();
}
