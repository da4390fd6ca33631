//! wxremind
fn main() {}
