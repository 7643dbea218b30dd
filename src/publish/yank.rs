//! What a yank would say: from versions, as people name releases, to the numbers of statements.

use super::request::YankRequest;
use super::{PublishError, Releases};
use crate::chain::{Belief, Chain, Decided};
use crate::ecosystem;
use crate::statement::{Seq, Yank};

/// What marks the number of a statement, where it might be taken for a version.
const NUMBER_MARK: char = '@';

/// The yank that is asked for.
pub(super) fn resolve(chain: &Chain, request: &YankRequest) -> Result<Yank, PublishError> {
    let belief = chain.belief(&Decided::stranger());
    let seqs = request.releases.iter().map(|named| find(&belief, named)).collect::<Result<Vec<_>, _>>();
    let mut releases = seqs?;
    releases.sort_unstable();
    releases.dedup();
    let replacement = request.replacement.as_deref().map(|named| find(&belief, named)).transpose()?;
    let (reason, advisory) = (request.reason.clone(), request.advisory.clone());
    Ok(Yank { releases, severity: request.severity, reason, advisory, replacement })
}

/// A yank of what is yanked with the same or a higher severity already has an effect on nobody (KEEP-21).
pub(super) fn check_effect(chain: &Chain, yank: &Yank) -> Result<(), PublishError> {
    let belief = chain.belief(&Decided::stranger());
    let is_new = |seq: &Seq| {
        let release = belief.releases().find(|release| release.seq() == *seq);
        let before = release.and_then(|release| belief.yank(release.link()));
        before.is_none_or(|before| before.severity < yank.severity)
    };
    if yank.releases.iter().any(is_new) {
        return Ok(());
    }
    let yanked = belief.releases().filter(|release| yank.releases.contains(&release.seq()));
    Err(PublishError::YankWithoutEffect { releases: Releases::of(yanked), severity: yank.severity })
}

/// The release that a person means: of a version, the newest that is not withdrawn; or that of a statement.
fn find(belief: &Belief<'_>, named: &str) -> Result<Seq, PublishError> {
    let ecosystem = ecosystem::of(belief.chain().package().ecosystem());
    let number = named.strip_prefix(NUMBER_MARK).unwrap_or(named).parse().ok().and_then(Seq::new);
    let by_number = number.and_then(|seq| belief.releases().find(|release| release.seq() == seq));
    let version = ecosystem.version(named).ok();
    let mut of_version = belief.releases().rev().filter(|release| Some(release.version()) == version.as_ref());
    let by_version = of_version.find(|release| !belief.is_withdrawn(release.link()));
    match (by_version, by_number) {
        (Some(one), Some(other)) if one.seq() != other.seq() => Err(PublishError::AmbiguousRelease {
            named: named.to_owned(),
            of_version: one.seq(),
            by_number: other.version().clone(),
        }),
        (Some(release), _) | (None, Some(release)) => Ok(release.seq()),
        (None, None) => Err(PublishError::NoSuchRelease {
            named: named.to_owned(),
            known: Releases::of(belief.releases().filter(|release| !belief.is_withdrawn(release.link()))),
        }),
    }
}
