//! What is usual: how many versions a package has, how many files, how large they are, and how long it stays silent.
//!
//! The medians and the 99th percentile of versions are those of Julia's General registry in 2026: 15,000 packages with
//! 175,000 versions; versions per package median 5, p99 113; files per package median 28, together 79 kB. What lies
//! between and beyond these figures was chosen so that the means fit, and to be skewed as such things are.

use super::draw::{Draw, Quantiles};

/// Versions per package. The mean is 11.7, as 175,000 versions of 15,000 packages make it.
const VERSIONS: &Quantiles = &[
    (0, 1),
    (10_000, 1),
    (25_000, 2),
    (50_000, 5),
    (75_000, 11),
    (90_000, 22),
    (95_000, 32),
    (99_000, 113),
    (99_900, 220),
    (100_000, 400),
];

/// Files per package: `Project.toml` and the module are always there.
const FILES: &Quantiles =
    &[(0, 3), (10_000, 8), (25_000, 14), (50_000, 28), (75_000, 56), (90_000, 98), (99_000, 500), (100_000, 3_000)];

/// Bytes per file, on the average of a package: chosen so that files times this has a median of 79 kB.
const BYTES_PER_FILE: &Quantiles = &[
    (0, 300),
    (10_000, 800),
    (25_000, 1_450),
    (50_000, 2_550),
    (75_000, 4_500),
    (90_000, 8_100),
    (99_000, 36_000),
    (100_000, 200_000),
];

/// The most bytes of a package; larger ones would only cost disk.
const MOST_BYTES: u64 = 20_000_000;

/// Days between two versions of a package: such that 12 % of packages release again after two silent years.
const GAP_DAYS: &Quantiles =
    &[(0, 0), (25_000, 5), (50_000, 25), (75_000, 90), (90_000, 330), (96_000, 730), (99_000, 1_300), (100_000, 2_400)];

/// Files that a version changes, beside `Project.toml`.
const CHANGED_FILES: &Quantiles = &[(0, 1), (50_000, 3), (90_000, 12), (99_000, 60), (100_000, 200)];

/// The size of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub files: u64,
    /// Of all files together, about.
    pub bytes: u64,
}

impl Shape {
    /// As packages are.
    pub fn full(draw: &mut Draw) -> Self {
        let files = draw.quantile(FILES);
        Self { files, bytes: (files * draw.quantile(BYTES_PER_FILE)).min(MOST_BYTES) }
    }

    /// The least that Julia takes for a package, and a README: for registries of many packages.
    pub const fn light() -> Self {
        Self { files: 3, bytes: 1_200 }
    }
}

pub fn versions(draw: &mut Draw) -> usize {
    draw.quantile(VERSIONS) as usize
}

pub fn gap_days(draw: &mut Draw) -> u64 {
    draw.quantile(GAP_DAYS)
}

pub fn changed_files(draw: &mut Draw) -> usize {
    draw.quantile(CHANGED_FILES) as usize
}
