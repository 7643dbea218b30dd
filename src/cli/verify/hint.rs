//! What to do about a refusal or a note. A hint never suggests to leave a check out.

use sigpkg::ecosystem;
use sigpkg::listing::{Change, Difference, Mismatch};
use sigpkg::package::Package;
use sigpkg::rule::Rule;
use sigpkg::statement::Cause;
use sigpkg::text::printable;
use sigpkg::verify::{Claims, DependencyReason, Fault, Note, Reason, ReserveStatement, Verdict, Yanking};

/// For a target about which nothing can be said.
pub(super) const UNREADABLE: &str = "nothing was decided; see that the target can be read, and try again";

/// What to do about the verdict on a target; `None` if it is accepted.
pub(super) fn of(verdict: &Verdict, target: &str) -> Option<String> {
    verdict.reason().map(|reason| of_reason(reason, target, verdict.claims()))
}

#[expect(clippy::too_many_lines, reason = "one hint for each reason, in one place")]
fn of_reason(reason: &Reason, target: &str, claims: &Claims) -> String {
    let shown = shell_word(target);
    let again = format!("sigpkg verify {shown}");
    match reason {
        Reason::Tree { rule, .. } => of_tree(*rule, &again),
        Reason::Folder(error) => of_tree(error.rule(), &again),
        Reason::Listing(error) => of_tree(error.rule(), &again),
        Reason::Chain(error) => of_chain(error.rule(), &again),
        Reason::Statement(_) | Reason::SignatureFile(_) | Reason::ReleaseSignature(_) | Reason::NotInChain { .. } => format!(
            "the signature was damaged or replaced on the way; get the release from its source again, then: {again}"
        ),
        Reason::NotTrusted { .. } => format!(
            "compare the id with the one on the maintainer's own page, then: sigpkg trust add {shown}"
        ),
        Reason::SignatureMissing { .. } => format!(
            "a package that was signed once is refused without its signature; get it from its source again, and ask the \
             maintainer if .sigpkg is missing there too{}",
            claims.package.as_ref().map(|_| format!("; sigpkg log {} shows what was signed", name(claims))).unwrap_or_default()
        ),
        Reason::Unsigned { .. } => "nothing shows who made it, so whether to use it is for you to judge; ask the maintainer to \
                                    sign it, which begins with: sigpkg init"
            .to_owned(),
        Reason::NoRelease { newest: Some((_, version)) } => match target.rsplit_once('#') {
            Some((repository, _)) => format!(
                "use the tree of release {version}, such as its tag: sigpkg verify {}",
                shell_word(&format!("{repository}#v{version}"))
            ),
            None => format!("use the tree of release {version}, such as its tag"),
        },
        Reason::NoRelease { newest: None } => "wait for the first release".to_owned(),
        Reason::Void { .. } => format!(
            "the signatory no longer stands by it: do not install it, and if it is installed, replace it with a release \
             that stands; sigpkg log {} shows them",
            name(claims)
        ),
        Reason::Contested { .. } => format!(
            "two texts were signed with one key; keep what is installed, ask the maintainer, and verify again when the \
             next release is there; sigpkg log {shown} shows both"
        ),
        Reason::Waiting { waiting, .. } => of_waiting(waiting, claims),
        Reason::NotFollowed { waiting, .. } => format!(
            "keep the last release before it; if you have changed your mind: sigpkg trust accept {} {}",
            name(claims),
            waiting.digest
        ),
        Reason::Distrusted { .. } => {
            "keep what is installed until the maintainer's reserve has signed a statement about it; to ask whether it has: \
             sigpkg trust refresh --fetch"
                .to_owned()
        }
        Reason::OtherSignatory { .. } => format!(
            "somebody else has signed this; keep what is installed, and ask the maintainer{} why{}",
            claims.package.as_ref().map(|package| format!(" of {package}")).unwrap_or_default(),
            claims.package.as_ref().map(|_| "; sigpkg trust list shows whom you trust").unwrap_or_default()
        ),
        Reason::NotConfirmed { .. } => {
            format!("compare the id with the one on the maintainer's own page: sigpkg trust add {shown}")
        }
        Reason::Withdrawn { version, .. } => format!(
            "use the release of {version} that replaced it, or a newer one; sigpkg log {} shows them",
            name(claims)
        ),
        Reason::Yanked { yanking, .. } => of_yanked(yanking, claims),
        Reason::ListingDigest { .. } | Reason::ListingCount { .. } | Reason::Size { .. } => {
            format!("the listing is not the one that was signed; get the release from its source again, then: {again}")
        }
        Reason::TreeMismatch(mismatch) => match of_generated(mismatch, claims.package.as_ref()) {
            Some(hint) => format!("{hint}: sigpkg verify PROJECT"),
            None => format!(
                "an edit, a build or an attack has changed these files; get the release from its source again, then: {again}"
            ),
        },
        Reason::NoManifest { .. } | Reason::Manifest { .. } | Reason::ManifestMismatch { .. } => {
            "the package would be installed under another identity than was signed; keep what is installed, and tell the \
             maintainer"
                .to_owned()
        }
        Reason::NotExpected { .. } => match claims.package.as_ref().zip(claims.version.as_ref()) {
            Some((package, version)) => format!(
                "this is {package} v{version}; see which one you meant, and where you have this from; sigpkg log {shown} shows \
                 its releases"
            ),
            None => "see which package you meant, and where you have this one from".to_owned(),
        },
        Reason::OtherUpstream { found: Some(_), .. } => {
            "compare the two trees file by file, and see whether they are of one version; whatever differs was changed by \
             one of the two"
                .to_owned()
        }
        Reason::OtherUpstream { found: None, .. } => {
            "this signatory does not say that it is somebody else's; compare the two trees file by file".to_owned()
        }
        Reason::Downgrade { installed, .. } => {
            format!("keep version {}; old releases have known faults, and an attacker may want them back", installed.1)
        }
        Reason::LineEnds { .. } => {
            "get the tree without a conversion of line ends, for instance with git config core.autocrlf false"
                .to_owned()
        }
        Reason::Stale(_) => {
            "somebody may be holding a newer release back from you; look at the maintainer's own page, and ask elsewhere: \
             sigpkg trust refresh --fetch"
                .to_owned()
        }
    }
}

/// What was read is no tree, or has no `.sigpkg` that sigpkg has made.
fn of_tree(rule: Rule, again: &str) -> String {
    let what = match rule.reason() {
        "malformed-archive" => "it was cut short or changed on the way, or is made to be read in two ways",
        "too-large" => "no signed package is as large as this",
        "bad-folder" | "malformed-listing" => "what sigpkg has written was changed, or is not all there",
        // Names, links and entries of trees.
        _ => "no tree with this can be signed, since not every system can hold it",
    };
    format!("{what}; get it from its source again, then: {again}")
}

/// If all that differs may have come after the release was installed: what tells so. A folder alone cannot, since nothing
/// shows what was there at first; the command that can follows.
pub(crate) fn of_generated(mismatch: &Mismatch, package: Option<&Package>) -> Option<String> {
    let ecosystem = ecosystem::of(package?.ecosystem());
    let may_be_generated = |difference: &Difference| {
        let is_built = ecosystem.build_step().is_some();
        difference.change == Change::Extra && ecosystem.is_generated(difference.path.as_str(), is_built)
    };
    mismatch.differences.iter().all(may_be_generated).then(|| {
        "a build step may have left this after the package was installed, and the tree hash in the lockfile of a project \
         that has it tells"
            .to_owned()
    })
}

/// What to do about a dependency of a project, which is installed at `path`, if it is.
pub(super) fn of_dependency(reason: &DependencyReason, package: &Package, project: &str, path: Option<&str>) -> String {
    let (name, project) = (package.name(), shell_word(project));
    match reason {
        DependencyReason::TreeHash { .. } => format!(
            "its files were edited, or another tree has its place; remove {} and let the package manager install it again, \
             then: sigpkg verify {project}",
            path.map_or_else(|| "the folder".to_owned(), shell_word)
        ),
        DependencyReason::Pinned { .. } => format!(
            "the lockfile was changed so that {name} is no longer verified; take the change back, or remove its pin under \
             review"
        ),
        DependencyReason::OtherSignatory { .. } => format!(
            "somebody else has signed this; keep what is installed, and ask the maintainer of {package} why. If it is right: \
             sigpkg trust pin {project} --replace {name}"
        ),
        DependencyReason::PinsAnother { .. } => format!(
            "your own decision counts, and a project never changes it; ask who made the pin, and the maintainer; sigpkg trust \
             show {name} shows what you have decided"
        ),
        DependencyReason::PinNotReached { .. } => format!(
            "it is older than the pin, or from another history; a newer chain helps: sigpkg trust refresh --fetch. To go \
             back on purpose: sigpkg trust pin {project} --back {name}"
        ),
        DependencyReason::NotVerified { found } => match (*found, path) {
            ("newly-signed", Some(path)) => format!(
                "compare the id with the one on the maintainer's own page, then: sigpkg trust add {}",
                shell_word(path)
            ),
            ("not-installed", _) => {
                format!("let the package manager install it, then: sigpkg verify {project} --strict")
            }
            ("developed", _) => "nobody signs a folder that is being worked on; use a release in its place".to_owned(),
            _ => format!("nothing shows who made it; ask the maintainer of {package} to sign it"),
        },
        DependencyReason::Unreadable(_) => UNREADABLE.to_owned(),
    }
}

/// What to do about a note, for people; `None` if there is nothing to do.
pub(super) fn of_note(note: &Note, claims: &Claims) -> Option<String> {
    Some(match note {
        Note::Waiting(waiting) => of_waiting(waiting, claims),
        Note::NotFollowed(waiting) => {
            format!("if you have changed your mind: sigpkg trust accept {} {}", name(claims), waiting.digest)
        }
        Note::Voided { .. } => format!(
            "if one of them is installed, replace it with a release that stands; sigpkg log {} shows them",
            name(claims)
        ),
        Note::YankWarning(yanking) | Note::Installed { fault: Fault::Yanked(yanking), .. } => {
            of_yanked(yanking, claims)
        }
        Note::Installed { fault: Fault::Void | Fault::Withdrawn, .. } => "replace it with this release".to_owned(),
        Note::Fork { .. } => {
            "this proves to anyone that one key has signed two texts: show it to the maintainer, and to \
                              whoever else uses the package"
                .to_owned()
        }
        Note::Successor { .. } => {
            "whether to trust it is a new decision: compare its id with the one on the maintainer's own page".to_owned()
        }
        Note::Rival { .. } | Note::ContestedBeyond { .. } => format!("sigpkg log {} shows both", name(claims)),
        Note::NotNewest { .. }
        | Note::Seen
        | Note::Stale(_)
        | Note::LineEnds { .. }
        | Note::DowngradeAllowed { .. }
        | Note::Detached
        | Note::Adopted { .. }
        | Note::YankNote(_)
        | Note::Final { .. }
        | Note::Ended => return None,
    })
}

/// The reserve has spoken. Nothing installed needs to go, and only a person can say what comes next.
fn of_waiting(waiting: &ReserveStatement, claims: &Claims) -> String {
    let what = match waiting.cause {
        Cause::Lost => "the maintainer says that keys were lost",
        Cause::Stolen => "the maintainer says that keys were stolen",
        Cause::Algorithm => "the maintainer says that Ed25519 no longer holds",
        Cause::Handover => "somebody else is to sign from here on",
        Cause::Planned => "keys are replaced as planned",
    };
    let (name, digest) = (name(claims), waiting.digest);
    format!(
        "{what}: keep what is installed unless it is void, see sigpkg trust show {name}, and ask the maintainer at a place \
         that you know; if it is true: sigpkg trust accept {name} {digest}"
    )
}

fn of_yanked(yanking: &Yanking, claims: &Claims) -> String {
    let instead = yanking.replacement.as_ref().filter(|other| other.yanked.is_none() && !other.withdrawn);
    match instead {
        Some(instead) => format!("get release {}, such as its tag, and verify it before you use it", instead.version),
        None => format!("sigpkg log {} shows which releases are not yanked", name(claims)),
    }
}

fn of_chain(rule: Rule, again: &str) -> String {
    if rule == Rule::Chn6 {
        format!("statements are missing; get the whole chain, which the newest release has, then: {again}")
    } else {
        format!("the chain was damaged or forged; get it from its source again, then: {again}")
    }
}

/// The name of the package, as the commands on a trusted signatory take it.
fn name(claims: &Claims) -> String {
    claims.package.as_ref().map_or("NAME".to_owned(), |package| package.name().to_string())
}

/// A word that can be pasted into a shell.
pub(crate) fn shell_word(word: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+/:=@%,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_safe) {
        word.to_owned()
    } else {
        format!("'{}'", printable(word).replace('\'', r"'\''"))
    }
}
