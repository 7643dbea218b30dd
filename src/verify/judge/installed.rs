//! Step 8 against what is installed: whether the target is a downgrade from it, and whether it should stay.

use std::cmp::{Ordering, Reverse};

use super::super::about::{Fault, Yanking};
use super::super::note::Note;
use super::super::reason::Reason;
use super::Judge;
use crate::chain::{Belief, Link, State, VerifiedRelease};
use crate::digest::Digest;
use crate::ecosystem;
use crate::listing::folder::SigpkgFolder;
use crate::package::{EcosystemName, Version};
use crate::statement::{Seq, Severity};

impl Judge<'_> {
    /// VER-16 and VER-25
    pub(super) fn check_downgrade(
        &self,
        belief: &Belief<'_>,
        found: VerifiedRelease<'_>,
    ) -> Result<Option<Note>, Reason> {
        let ecosystem = ecosystem::of(belief.chain().package().ecosystem());
        let Some((seq, version)) = self.floor(belief) else {
            return Ok(None);
        };
        let is_lower_version = match (ecosystem.name(), ecosystem.compare(found.version(), version)) {
            (EcosystemName::Generic, _) | (_, None | Some(Ordering::Less)) => true,
            (_, Some(Ordering::Equal | Ordering::Greater)) => false,
        };
        if found.seq() >= seq || !is_lower_version {
            Ok(None)
        } else if self.question.allow_downgrade {
            let (installed, found) = (version.clone(), found.version().clone());
            Ok(Some(Note::DowngradeAllowed { installed, found }))
        } else {
            Err(Reason::Downgrade { installed: (seq, version.clone()), found: (found.seq(), found.version().clone()) })
        }
    }

    /// VER-45
    pub(super) fn note_installed(&mut self, belief: &Belief<'_>) {
        let Some(link) = self.installed(belief) else { return };
        let (Some(release), Some(fault)) = (link.statement().release(), fault(belief, link)) else { return };
        self.verdict.notes.push(Note::Installed { seq: link.seq(), version: release.version.clone(), fault });
    }

    /// The installed release, unless it is no floor (VER-16).
    fn floor<'chain>(&self, belief: &Belief<'chain>) -> Option<(Seq, &'chain Version)> {
        let link = self.installed(belief)?;
        let is_refused = belief.yank(link).is_some_and(|yanked| yanked.severity == Severity::Refuse);
        let release = link.statement().release()?;
        (is_heard(belief, link) && !is_refused && !belief.is_withdrawn(link)).then_some((link.seq(), &release.version))
    }

    /// The installed release, whatever has become of it: the one with the text in the installed tree, or otherwise the
    /// newest one with the version that stands or is suspended.
    fn installed<'chain>(&self, belief: &Belief<'chain>) -> Option<Link<'chain>> {
        let installed = self.question.installed.as_ref()?;
        if let Some(files) = installed.folder.and_then(SigpkgFolder::claimed_release) {
            let link = belief.chain().find(Digest::of(files.claimed_statement()));
            return link.filter(|link| link.statement().release().is_some());
        }
        let ecosystem = ecosystem::of(belief.chain().package().ecosystem());
        let version = ecosystem.version(installed.version.as_ref()?).ok()?;
        let has_version =
            |link: &Link<'_>| link.statement().release().is_some_and(|release| release.version == version);
        let links = belief.chain().links().filter(|link| has_version(link) && is_heard(belief, *link));
        links.max_by_key(|link| (link.seq(), Reverse(link.digest())))
    }
}

/// Whether a release stands or is suspended: a reserve statement that waits must not be a way to go back.
fn is_heard(belief: &Belief<'_>, link: Link<'_>) -> bool {
    belief.state(link) == Some(State::Standing) || belief.is_suspended(link)
}

/// Why an installed release should not stay, if it should not.
fn fault(belief: &Belief<'_>, link: Link<'_>) -> Option<Fault> {
    if belief.state(link) == Some(State::Void) {
        return Some(Fault::Void);
    }
    if belief.is_withdrawn(link) {
        return Some(Fault::Withdrawn);
    }
    let yanked = belief.yank(link)?;
    match yanked.severity {
        Severity::Warn | Severity::Refuse => Some(Fault::Yanked(Yanking::of(belief, yanked))),
        Severity::Note => None,
    }
}
