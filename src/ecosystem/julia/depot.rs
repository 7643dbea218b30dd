//! Where Julia installs packages, and what comes into an installed package afterwards (PRJ-4, PRJ-5).
//!
//! Source: Julia's `Base.version_slug` and `Base.slug`, Pkg's `find_installed`.

use crc::{CRC_32_ISCSI, Crc, Table};

use super::super::{Locked, Origin};
use crate::digest::TreeHash;
use crate::package::Uuid;

/// The file that Pkg runs when a package is added or updated, and which writes what it likes beside itself.
pub(super) const BUILD_STEP: &str = "deps/build.jl";

/// The digits of a slug, the value of each being its place.
const DIGITS: [u8; 62] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// How many digits a slug has, in the order in which Julia looks for them: 4 was the number before Julia 1.0.
const SLUG_LENGTHS: [usize; 2] = [5, 4];

const CRC_32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

pub(super) fn installed_paths(locked: &Locked) -> Vec<String> {
    let tree = match &locked.origin {
        Origin::Registered { tree } | Origin::Url { tree, .. } => *tree,
        Origin::Path { .. } | Origin::Bundled => return Vec::new(),
    };
    let Some(uuid) = locked.package.uuid() else {
        return Vec::new();
    };
    SLUG_LENGTHS.map(|length| format!("packages/{}/{}", locked.package.name(), slug(uuid, tree, length))).to_vec()
}

/// Base 62, least significant digit first, of the CRC-32C over the UUID as a little-endian integer and then the tree hash.
/// Five digits have less than 30 bits, so two trees of one package with one slug are found in seconds: a slug is an address
/// and never a proof.
fn slug(uuid: Uuid, tree: TreeHash, length: usize) -> String {
    let mut digest = CRC_32C.digest();
    let mut little_endian = *uuid.as_bytes();
    little_endian.reverse();
    digest.update(&little_endian);
    digest.update(tree.as_bytes());
    let mut rest = digest.finalize();
    let mut slug = String::with_capacity(length);
    for _ in 0..length {
        let digit = usize::try_from(rest % 62).unwrap_or_default();
        slug.push(char::from(DIGITS[digit]));
        rest /= 62;
    }
    slug
}

/// What Pkg's build step logs, and what Julia writes beside a file when it counts lines or memory: none of it is ever
/// loaded. Of a package with a build step it may be anything below `deps`.
pub(super) fn is_generated(path: &str, is_built: bool) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    path == "deps/build.log"
        || (matches!(extension, Some("cov" | "mem")) && path.contains(".jl."))
        || (is_built && path.starts_with("deps/") && path != BUILD_STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Example 0.5.3 of the General registry is in `packages/Example/aqsx3`.
    #[test]
    fn a_slug_is_that_of_julia() {
        let uuid = "7876af07-990d-54b4-ab0e-23690620f79a".parse().unwrap();
        let tree = "46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc".parse().unwrap();
        assert_eq!(slug(uuid, tree, 5), "aqsx3");
        assert_eq!(slug(uuid, tree, 4), "aqsx");
    }

    #[test]
    fn what_is_generated_is_never_loaded_unless_there_is_a_build_step() {
        for (path, without, with) in [
            ("deps/build.log", true, true),
            ("src/Example.jl.cov", true, true),
            ("src/Example.jl.1234.cov", true, true),
            ("src/Example.jl.mem", true, true),
            ("src/cov", false, false),
            ("src/data.cov", false, false),
            ("src/Example.jl", false, false),
            ("deps/deps.jl", false, true),
            ("deps/usr/lib/libx.so", false, true),
            ("deps/build.jl", false, false),
            ("src/deps/deps.jl", false, false),
        ] {
            assert_eq!(is_generated(path, false), without, "{path}");
            assert_eq!(is_generated(path, true), with, "{path}");
        }
    }
}
