//! The `sigpkg` command line.
fn main() {}
