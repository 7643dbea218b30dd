//! Evidence: two texts under one announced key (section 4.4).

use super::{Chain, Link};
use crate::statement::Kind;

/// Statements that follow one parent and were signed by its link key, which signs one text only.
///
/// ```
/// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND};
///
/// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
/// let fork = chain.forks().next().ok_or("no fork")?;
/// assert_eq!((fork.parent.seq().get(), fork.children.len()), (2, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fork<'chain> {
    /// The statement that announced the key as its `next`.
    pub parent: Link<'chain>,
    /// The statements that were signed with it: two or more, in the order of their digests.
    pub children: Vec<Link<'chain>>,
}

impl Chain {
    /// Every proof of a fork that the chain holds, parents before children.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, RESERVE, RIVAL, SECOND};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL])?;
    /// assert_eq!(chain.forks().count(), 1);
    /// // A reserve statement beside a release proves nothing against the link key: it did not sign both.
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RESERVE])?;
    /// assert_eq!(chain.forks().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn forks(&self) -> impl Iterator<Item = Fork<'_>> {
        self.links().filter_map(|parent| {
            let mut children: Vec<_> = parent.children().filter(|child| is_signed_by_link_key(*child)).collect();
            children.sort_by_key(|child| child.digest());
            (children.len() > 1).then_some(Fork { parent, children })
        })
    }
}

impl Fork<'_> {
    /// A proof of the fork: a chain file with the path to the parent and the children, which convinces anyone who has
    /// the id and needs no other witness.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS, RIVAL, SECOND, THIRD};
    ///
    /// let chain = example::chain(&[GENESIS, FIRST, SECOND, RIVAL, THIRD])?;
    /// let proof = chain.forks().next().ok_or("no fork")?.proof();
    /// // It convinces anyone who has the id: two texts under one key.
    /// assert_eq!(example::chain(&[&proof])?.forks().count(), 1);
    /// assert!(!proof.contains("1.2.0")); // and holds nothing else
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn proof(&self) -> String {
        let children = self.children.iter().flat_map(|child| [child.text(), child.blocks_text()]);
        self.parent.path_to_file() + &children.collect::<String>()
    }
}

/// A reserve statement beside another child proves nothing against a link key.
fn is_signed_by_link_key(link: Link<'_>) -> bool {
    match link.statement().kind() {
        Kind::Genesis | Kind::Release | Kind::Yank | Kind::Beat => true,
        Kind::Reserve => false,
    }
}
