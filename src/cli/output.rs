//! What a command prints: its answer on stdout, everything else on stderr.
//!
//! Messages are sentences without a capital and a period; an error ends with a hint. Text that comes from packages is
//! made printable by whoever puts it into an answer.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use sigpkg::text::printable;

use super::failure::{Failure, Status};
use super::width;

/// What a command found out.
pub(crate) trait Answer {
    /// Shows it to people.
    fn human(&self, out: &mut dyn Write) -> io::Result<()>;

    /// The same as JSON objects, each with a `schema`, each for a line of its own.
    fn json(&self) -> Vec<Value>;

    /// Whether it is to be printed as it is, however narrow the terminal: a script, or a file.
    fn is_verbatim(&self) -> bool {
        false
    }

    /// What the exit status says about it.
    fn status(&self) -> Status {
        Status::Done
    }
}

/// The style of what went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// The style of what is refused.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// The style of what a human must look at.
pub(crate) const CARE: Style = AnsiColor::Yellow.on_default().bold();

/// Black on white, whatever the ground of the terminal is: what a camera reads.
pub(crate) const ON_WHITE: Style =
    AnsiColor::Black.on_default().bg_color(Some(anstyle::Color::Ansi(AnsiColor::BrightWhite)));

/// Whether what is printed on stdout keeps its colours.
pub(crate) fn has_colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// One annotation of GitHub Actions. What is foreign in it is escaped as GitHub asks for, and cannot begin another one.
pub(crate) fn annotation(level: &str, file: &str, title: &str, message: &str) -> String {
    let data = |text: &str| {
        let lines: Vec<_> = text.lines().map(printable).collect();
        lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
    };
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!("::{level} file={},title={}::{}", property(file), property(title), data(message))
}

/// Prints an answer, and returns its exit status.
pub(crate) fn answer(answer: &dyn Answer, as_json: bool) -> ExitCode {
    let mut stdout = anstream::stdout().lock();
    let printed = if as_json {
        answer.json().iter().try_for_each(|object| writeln!(stdout, "{object}"))
    } else {
        shown(answer, &mut stdout)
    };
    match printed.and_then(|()| stdout.flush()) {
        Ok(()) => answer.status().into(),
        // The reader has seen enough, such as `head`; the verdict is still the verdict.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => answer.status().into(),
        Err(error) => fail(&Failure::could_not_tell(format!("the answer cannot be printed: {error}")), false),
    }
}

/// Shows an answer to people, as wide as they have it.
fn shown(answer: &dyn Answer, stdout: &mut dyn Write) -> io::Result<()> {
    if answer.is_verbatim() || !io::stdout().is_terminal() {
        return answer.human(stdout);
    }
    let mut text = Vec::new();
    answer.human(&mut text)?;
    stdout.write_all(width::for_stdout(&String::from_utf8_lossy(&text)).as_bytes())
}

/// Prints why there is no answer, and returns the exit status.
pub(crate) fn fail(failure: &Failure, as_json: bool) -> ExitCode {
    // There is nowhere left to complain to if these fail.
    if as_json {
        let _ = writeln!(anstream::stdout(), "{}", failure_json(failure, None));
    }
    let mut stderr = anstream::stderr();
    let rule = failure.rule.map(|rule| format!(" ({}, {})", rule.reason(), rule.id())).unwrap_or_default();
    // What follows the first line, such as ids one above the other, stands for itself.
    let (first, rest) = failure.message.split_once('\n').map_or((&*failure.message, None), |(a, b)| (a, Some(b)));
    let (first, colon) = first.strip_suffix(':').map_or((first, ""), |first| (first, ":"));
    let error = format!("sigpkg: {BAD}error{BAD:#}: {first}{rule}{colon}");
    let _ = writeln!(stderr, "{}", width::for_stderr(&error));
    if let Some(rest) = rest {
        let _ = writeln!(stderr, "{}", width::for_stderr(rest));
    }
    if let Some(hint) = failure.any_hint() {
        let _ = writeln!(stderr, "{}", width::for_stderr(&format!("sigpkg: hint: {hint}")));
    }
    failure.status.into()
}

/// Why there is no answer, or none about one target of several.
pub(crate) fn failure_json(failure: &Failure, target: Option<&str>) -> Value {
    let mut object = json!({
        "schema": "sigpkg.error/1",
        "message": failure.message,
        "hint": failure.any_hint(),
        "rule": failure.rule.map(sigpkg::rule::Rule::id),
        "reason": failure.rule.map(sigpkg::rule::Rule::reason),
        "status": failure.status.code(),
    });
    if let Some(target) = target {
        object["target"] = target.into();
    }
    object
}
