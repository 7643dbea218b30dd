//! `sigpkg reserve paper`: a reserve key on a printable page.

use std::path::PathBuf;

use clap::Args;
use sigpkg::paper::Paper;

use super::draft;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Answer;
use crate::cli::paper;

/// Put a reserve key on a page to print: words and a QR code
#[derive(Args)]
pub(super) struct OnPaper {
    /// The secret key file that `reserve new` or `init --reserve-out` made
    #[arg(value_name = "KEYFILE")]
    key: PathBuf,
    /// The page, a new file outside of every repository: FILE.pdf or FILE.svg
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(arguments: &OnPaper, context: &Context) -> Result<Box<dyn Answer>, Failure> {
    let target = paper::Target::new(context, &arguments.out)?;
    let opened = draft::open_keys(context, std::slice::from_ref(&arguments.key))?;
    let wrong = || Failure::blocked(format!("expected a reserve key in {}, found another", arguments.key.display()));
    let secret = opened.into_iter().next().ok_or_else(wrong)?;
    let key = secret.key();
    let page = Paper::of_reserve(&secret.into_secret(), context.now()?.date()).ok_or_else(wrong)?;
    Ok(Box::new(target.write(&page, key.to_string())?))
}
