//! The names of the tags and branches that are made for statements (KEEP-25), and the tree that a registry knows.

use git2::Oid;

use super::{RepositoryError, Workplace};
use crate::package::PackageName;
use crate::statement::Seq;

impl Workplace {
    /// The tag of a statement that is committed beside the branch. Two packages of one repository have the same numbers, so
    /// the one in a folder puts its name before.
    pub(crate) fn side_tag(&self, package: &PackageName, seq: Seq) -> String {
        if self.prefix.as_os_str().is_empty() {
            format!("sigpkg-{seq}")
        } else {
            format!("{}-sigpkg-{seq}", in_reference(package))
        }
    }

    /// The branch of a statement whose own place was taken meanwhile.
    pub(crate) fn aside_branch(&self, package: &PackageName, seq: Seq) -> String {
        if self.prefix.as_os_str().is_empty() {
            format!("refs/heads/sigpkg/statement-{seq}")
        } else {
            format!("refs/heads/sigpkg/{}-statement-{seq}", in_reference(package))
        }
    }

    /// What a Julia registry has as `git-tree-sha1`: the tree of the package folder in a commit.
    ///
    /// # Errors
    ///
    /// - [`RepositoryError::Git`] if the commit cannot be read.
    pub(crate) fn tree_name(&self, commit: &str) -> Result<Option<String>, RepositoryError> {
        let commit = Oid::from_str(commit).map_err(RepositoryError::git(format!("read commit {commit}")))?;
        Ok(self.package_tree(commit)?.map(|tree| tree.id().to_string()))
    }
}

/// A name of a package has no other character that git does not take in a reference than two dots in a row.
fn in_reference(package: &PackageName) -> String {
    package.as_str().replace("..", "__")
}
