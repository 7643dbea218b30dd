//! In which order the statements of a chain are shown, and how their branches are drawn.

use std::collections::HashMap;

use sigpkg::chain::{Belief, Link};
use sigpkg::digest::Digest;

/// A run of statements, each the parent of the next: the standing line, or a branch beside it.
pub(super) struct Run<'chain> {
    /// The statement after which it branches off; `None` for the standing line.
    pub(super) after: Option<Link<'chain>>,
    /// Newest first.
    pub(super) links: Vec<Link<'chain>>,
}

/// A row of the drawing.
pub(super) enum Row<'chain> {
    /// A statement, in this column.
    Statement(Link<'chain>, usize),
    /// The branch in this column has come to the statement that it follows, in the column to the left.
    Join(usize),
}

/// How many statements each branch has, by its first one. A branch goes on where most statements follow, so that no drawing
/// is wider than the logarithm of their number, whatever somebody has signed.
struct Sizes(HashMap<Digest, usize>);

/// The standing line first, then every branch, the newest one first.
pub(super) fn runs<'chain>(belief: &Belief<'chain>) -> Vec<Run<'chain>> {
    let sizes = Sizes::of(belief);
    let mut runs = vec![Run { after: None, links: newest_first(belief.line().collect()) }];
    let mut next = 0;
    while let Some(run) = runs.get(next) {
        let mut branches = Vec::new();
        let mut follower = None;
        for link in &run.links {
            let firsts = beside(*link, follower);
            branches.extend(firsts.into_iter().map(|first| Run { after: Some(*link), links: sizes.onward(first) }));
            follower = Some(*link);
        }
        runs.extend(branches);
        next += 1;
    }
    runs
}

/// The newest statement first; a branch is drawn to the right of what it branches off, and above the statement that it
/// follows. The standing line is on the left.
pub(super) fn rows<'chain>(belief: &Belief<'chain>) -> Vec<Row<'chain>> {
    let sizes = Sizes::of(belief);
    let mut line: Vec<_> = belief.line().collect();
    // What follows the head without standing is drawn above it.
    if let Some(above) = line.last().and_then(|head| sizes.largest(head.children())) {
        let onward = newest_first(sizes.onward(above));
        line.extend(onward);
    }
    let mut rows = Vec::new();
    draw(&sizes, &newest_first(line), 0, &mut rows);
    rows
}

/// It calls itself once for each column, and columns are few (see [`Sizes`]).
fn draw<'chain>(sizes: &Sizes, links: &[Link<'chain>], column: usize, rows: &mut Vec<Row<'chain>>) {
    let mut follower = None;
    for link in links {
        for first in beside(*link, follower) {
            draw(sizes, &sizes.onward(first), column + 1, rows);
            rows.push(Row::Join(column + 1));
        }
        rows.push(Row::Statement(*link, column));
        follower = Some(*link);
    }
}

fn newest_first<T>(mut links: Vec<T>) -> Vec<T> {
    links.reverse();
    links
}

impl Sizes {
    fn of(belief: &Belief<'_>) -> Self {
        let mut sizes = HashMap::with_capacity(belief.chain().len());
        // Children stand after their parents, so going backwards each branch is counted when its parent is reached.
        for link in belief.chain().links().rev() {
            let own = sizes.entry(link.digest()).or_insert(0);
            *own += 1;
            let own = *own;
            if let Some(parent) = link.parent() {
                *sizes.entry(parent.digest()).or_insert(0) += own;
            }
        }
        Self(sizes)
    }

    fn largest<'chain>(&self, links: impl Iterator<Item = Link<'chain>>) -> Option<Link<'chain>> {
        links.max_by_key(|link| (self.0.get(&link.digest()).copied(), link.digest()))
    }

    /// A statement and what follows it, newest first.
    fn onward<'chain>(&self, first: Link<'chain>) -> Vec<Link<'chain>> {
        newest_first(std::iter::successors(Some(first), |link| self.largest(link.children())).collect())
    }
}

/// The children of a statement but for the one that its run goes on with, in the order of their digests.
fn beside<'chain>(link: Link<'chain>, follower: Option<Link<'chain>>) -> Vec<Link<'chain>> {
    let mut beside: Vec<_> = link.children().filter(|child| follower != Some(*child)).collect();
    beside.sort_by_key(|child| child.digest());
    beside
}
