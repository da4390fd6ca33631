//! Other people's code that may panic on damaged input: the panic becomes an answer, and nobody sees it.
//!
//! The libraries that read workbooks index into what a damaged file says of itself. A panic would tell a nurse nothing;
//! that the file cannot be read as a workbook tells her what to do.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What `call` answers; `None` when it panics. Nothing that it was changing may be used afterwards.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                others(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let answer = panic::catch_unwind(AssertUnwindSafe(call));
    QUIET.set(before);
    answer.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_answer() {
        assert_eq!(guarded(|| 7), Some(7));
        let short = [0u8; 3];
        assert_eq!(guarded(|| short[std::hint::black_box(9)]), None);
    }
}
