//! What to do about a refusal. A hint never suggests to leave a check out.

use sigpkg::rule::Rule;
use sigpkg::verify::{Claims, Reason};

/// For a target about which nothing can be said.
pub(super) const UNREADABLE: &str = "nothing was decided; see that the target can be read, and try again";

pub(super) fn of(reason: &Reason, target: &str, claims: &Claims) -> String {
    match reason {
        Reason::Tree { .. } | Reason::Folder(_) | Reason::Listing(_) => {
            "this is no tree that could have been signed; get it from its source again".to_owned()
        }
        Reason::Chain(error) => of_chain(error.rule(), target),
        Reason::Statement(_) | Reason::SignatureFile(_) | Reason::ReleaseSignature(_) | Reason::NotInChain { .. } => {
            "the signature was damaged or replaced on the way; get the release from its source again".to_owned()
        }
        Reason::NotTrusted { .. } => format!(
            "compare the id with the one on the maintainer's own page, then: sigpkg trust add {}",
            shell_word(target)
        ),
        Reason::SignatureMissing { .. } => {
            "a package that was signed once is refused without its signature; get it from its source again, and ask \
             the maintainer if it is missing there too"
                .to_owned()
        }
        Reason::Unsigned => "ask the maintainer to sign the package; what it is, is for you to judge".to_owned(),
        Reason::NoRelease { newest: Some((_, version)) } => {
            format!("use the tree of release {version}, such as its tag")
        }
        Reason::NoRelease { newest: None } => "wait for the first release".to_owned(),
        Reason::Void { .. } => {
            "it was signed with a key that the maintainer no longer stands by; use a release that stands (sigpkg log \
             shows them)"
                .to_owned()
        }
        Reason::Contested { .. } => {
            "two texts were signed with one key; keep what is installed, ask the maintainer, and verify again when the \
             next release is there"
                .to_owned()
        }
        Reason::Waiting { waiting, .. } => format!(
            "keep what is installed; read the reason, ask the maintainer at a place that you know, then: sigpkg trust \
             accept {}",
            waiting.digest
        ),
        Reason::NotFollowed { waiting, .. } => format!(
            "keep the last release before it; if you have changed your mind: sigpkg trust accept {}",
            waiting.digest
        ),
        Reason::Distrusted { .. } => {
            "keep what is installed until the maintainer's reserve has signed a statement about it".to_owned()
        }
        Reason::OtherSignatory { .. } => format!(
            "somebody else has signed this; keep what is installed, and ask the maintainer{} why",
            claims.package.as_ref().map(|package| format!(" of {package}")).unwrap_or_default()
        ),
        Reason::NotConfirmed { .. } => {
            format!("compare the id with the one on the maintainer's own page: sigpkg trust add {}", shell_word(target))
        }
        Reason::Withdrawn { version, .. } => format!("use the release of {version} that replaced it, or a newer one"),
        Reason::ListingDigest { .. } | Reason::ListingCount { .. } | Reason::Size { .. } => {
            "the listing is not the one that was signed; get the release from its source again".to_owned()
        }
        Reason::TreeMismatch(_) => {
            "compare the files with the release of the maintainer; a build, an edit or an attack has changed them"
                .to_owned()
        }
        Reason::NoManifest { .. } | Reason::Manifest { .. } | Reason::ManifestMismatch { .. } => {
            "the package would be installed under another identity than was signed; tell the maintainer".to_owned()
        }
        Reason::NotExpected { .. } => "see whether you asked for the right package, and got the right one".to_owned(),
        Reason::Downgrade { installed, .. } => {
            format!("keep version {}; old releases have known faults, and an attacker may want them back", installed.1)
        }
        Reason::LineEnds { .. } => {
            "get the tree without a conversion of line ends, for instance with git config core.autocrlf false"
                .to_owned()
        }
        Reason::Stale(_) => {
            "look for a newer release at the maintainer's own page; somebody may be holding it back from you".to_owned()
        }
    }
}

fn of_chain(rule: Rule, target: &str) -> String {
    if rule == Rule::Chn6 {
        "statements are missing; get the whole chain from the newest release, then: sigpkg trust update FILE".to_owned()
    } else {
        format!("the chain was damaged or forged; get {} from its source again", shell_word(target))
    }
}

/// A word that can be pasted into a shell.
pub(crate) fn shell_word(word: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+/:=@%,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_safe) {
        word.to_owned()
    } else {
        format!("'{}'", sigpkg::text::printable(word).replace('\'', r"'\''"))
    }
}
