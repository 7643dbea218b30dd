//! The user's side: the trust store, and what in it waits for a human.

use sigpkg::chain::ReservePolicy;
use sigpkg::statement::Seq;
use sigpkg::time::Timestamp;
use sigpkg::trust::{Grade, TrustStore, Trusted};
use sigpkg::verify;

use super::{Findings, Severity};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::whereabouts;

/// Looks at every signatory that is trusted, and returns how many there are.
pub(super) fn examine(context: &Context, now: Timestamp, findings: &mut Findings) -> Result<usize, Failure> {
    let store = TrustStore::open(context.trust_home()?);
    if let Some(mode) = whereabouts::open_to_others(store.home()) {
        let home = store.home().display();
        findings.risk(
            format!(
                "others may write to the trust store {home}: mode {mode:04o}; what they put there you would believe"
            ),
            format!("`chmod go-w {home}`, and then `sigpkg trust list` shows whether you know everybody in it"),
        );
    }
    let each = match store.each() {
        Ok(each) => each,
        Err(error) => {
            let Failure { message, hint, .. } = Failure::from(error);
            findings.add(Severity::Blocks, message, hint);
            return Ok(0);
        }
    };
    let (mut count, mut seen) = (0, 0);
    for entry in each {
        match entry {
            Ok(trusted) => {
                count += 1;
                seen += usize::from(trusted.decisions().grade == Grade::Seen);
                examine_one(&trusted, now, findings);
            }
            Err(error) => {
                let Failure { message, hint, .. } = Failure::from(error);
                let hint = hint.map(|hint| format!("{hint}: `sigpkg trust add TARGET`"));
                findings.add(Severity::Blocks, message, hint);
            }
        }
    }
    if seen > 0 {
        let were = if seen == 1 { "1 id was taken as it came" } else { "ids were taken as they came" };
        let number = if seen == 1 { String::new() } else { format!("{seen} ") };
        findings.note(
            format!("{number}{were}, and never compared with one from the maintainer (grade seen)"),
            "`sigpkg trust list` names them; `sigpkg trust add TARGET` asks for the id from the maintainer's own page",
        );
    }
    Ok(count)
}

fn examine_one(trusted: &Trusted, now: Timestamp, findings: &mut Findings) {
    let (package, id, belief) = (trusted.package(), trusted.id(), trusted.belief());
    if let Some(contest) = belief.contest() {
        let after = contest.parent.seq();
        let next = after.successor().map(Seq::get).unwrap_or_default();
        findings.risk(
            format!(
                "{package}: statement {next} is contested by {} texts, so nothing after statement {after} is believed; keep what is installed",
                contest.children.len()
            ),
            format!("`sigpkg log --graph {id}` draws it, and `sigpkg trust show {id}` has what you can decide; ask the maintainer"),
        );
    }
    if let Some(waiting) = belief.waiting() {
        let (seq, digest) = (waiting.seq(), waiting.digest());
        let cause = waiting.statement().reserve_change().map(|change| change.cause.as_str()).unwrap_or_default();
        match trusted.decisions().reserve {
            ReservePolicy::Prompt | ReservePolicy::Accept => findings.risk(
                format!("{package}: the reserve has spoken (statement {seq}, cause {cause}), and it waits for your word"),
                format!("`sigpkg trust show {id}` says what it means; `sigpkg trust accept {id} {digest}` follows it"),
            ),
            ReservePolicy::Refuse => findings.note(
                format!(
                    "{package}: the reserve has spoken (statement {seq}, cause {cause}), and your policy is not to follow"
                ),
                format!("`sigpkg trust policy {id} prompt` lets you decide"),
            ),
        }
    }
    if let Some(stale) = verify::stale(trusted, now) {
        findings.note(
            format!("{package}: the chain is stale: {stale}"),
            "`sigpkg trust refresh --from URL` looks for news; if there are none, ask the maintainer",
        );
    }
    let head = belief.head();
    if head.statement().date.unix_seconds() > now.unix_seconds() + super::signing::CLOCK_SECONDS {
        findings.note(
            format!(
                "{package}: statement {} is dated {}, which is later than the clock of this machine has it",
                head.seq(),
                head.statement().date
            ),
            "`date -u` shows the time of this machine; a date decides nothing but when a chain is stale",
        );
    }
}
