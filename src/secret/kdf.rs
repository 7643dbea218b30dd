//! From a passphrase to the bytes that hide a secret key: scrypt as minisign uses it, `bcrypt_pbkdf` as signify does.

use std::fmt;

use zeroize::Zeroizing;

/// The cost of scrypt, in the two numbers that libsodium takes and a key file stores. libsodium works out N, r and p
/// from them, and so does sigpkg (SEC-5).
///
/// ```
/// use sigpkg::secret::kdf::Cost;
///
/// assert!(Cost::DEFAULT.memory() < Cost::SENSITIVE.memory());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    opslimit: u64,
    memlimit: u64,
}

/// Most memory that a key file may ask for, in bytes: 1 GiB, what minisign itself writes.
pub const MEMORY_MAX: u64 = 1 << 30;

/// Most work that a key file may ask for, as 4 N r p, libsodium's count of operations: four times what minisign writes.
pub const WORK_MAX: u64 = 1 << 27;

/// Most rounds of `bcrypt_pbkdf` that a signify key file may ask for. signify writes 42.
pub const ROUNDS_MAX: u32 = 1000;

/// A key file asks for more than this program is ready to spend before it knows whether the passphrase is right.
///
/// ```
/// use sigpkg::secret::file::{SecretFile, SecretFileError};
/// use sigpkg::secret::kdf::CostError;
/// use sigpkg::text::{from_base64, to_base64};
///
/// # use sigpkg::secret::{Seed, file::{Protection, Secret, encode}, kdf::Cost};
/// # let protection = Protection::Passphrase { passphrase: b"correct horse", cost: Cost::TEST };
/// # let seed = Secret::Seed(Seed::from_bytes([7; 32]));
/// # let file = encode(&seed, protection, "test seed", &mut rand_core::UnwrapErr(getrandom::SysRng))?;
/// # let container = file.lines().nth(1).and_then(from_base64).ok_or("no second line")?;
/// // Somebody sends a key file that would have us fill all memory.
/// let mut greedy = container;
/// greedy[38..54].fill(0x3f);
/// let file = SecretFile::parse(&format!("untrusted comment: try me\n{}\n", to_base64(&greedy)))?;
/// let error = file.open(Some(b"correct horse")).unwrap_err();
/// assert!(matches!(error, SecretFileError::Cost(CostError::Memory { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    /// More memory than [`MEMORY_MAX`].
    #[error("expected a key derivation in at most {MEMORY_MAX} bytes of memory, found one in {found} bytes")]
    Memory {
        /// What the file asks for, in bytes.
        found: u64,
    },
    /// More work than [`WORK_MAX`].
    #[error("expected a key derivation of at most {WORK_MAX} operations, found one of {found}")]
    Work {
        /// What the file asks for, as 4 N r p.
        found: u64,
    },
    /// More rounds than [`ROUNDS_MAX`], or for a signify key none where there must be some.
    #[error("expected a key derivation of 1 to {ROUNDS_MAX} rounds, found {found}")]
    Rounds {
        /// What the file asks for.
        found: u32,
    },
}

/// The parameters of scrypt (RFC 7914).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) log_n: u8,
    pub(crate) r: u32,
    pub(crate) p: u32,
}

impl Cost {
    /// 128 MiB: N = 2^17, r = 8, p = 1. About a third of a second, and it fits a small machine.
    pub const DEFAULT: Self = Self { opslimit: 1 << 22, memlimit: 1 << 27 };

    /// 1 GiB: N = 2^20, r = 8, p = 1, libsodium's `SENSITIVE`, which minisign uses.
    pub const SENSITIVE: Self = Self { opslimit: 1 << 25, memlimit: 1 << 30 };

    /// 1 MiB: for tests, and for nothing else.
    pub const TEST: Self = Self { opslimit: 1 << 15, memlimit: 1 << 20 };

    /// The cost that a key file claims.
    pub(crate) const fn claimed(opslimit: u64, memlimit: u64) -> Self {
        Self { opslimit, memlimit }
    }

    pub(crate) const fn opslimit(self) -> u64 {
        self.opslimit
    }

    pub(crate) const fn memlimit(self) -> u64 {
        self.memlimit
    }

    /// How much memory deriving takes, in bytes.
    ///
    /// ```
    /// use sigpkg::secret::kdf::Cost;
    ///
    /// assert_eq!(Cost::DEFAULT.memory(), 128 << 20);
    /// ```
    pub fn memory(self) -> u64 {
        self.parameters().memory()
    }

    /// N, r and p (SEC-5), the same as `pickparams` of libsodium gives.
    pub(crate) fn parameters(self) -> Parameters {
        const R: u32 = 8;
        let opslimit = self.opslimit.max(32768);
        let largest = |n: u64| (1..63).find(|&log_n| 1u64 << log_n > n / 2).unwrap_or(63);
        if opslimit < self.memlimit / 32 {
            Parameters { log_n: largest(opslimit / 32), r: R, p: 1 }
        } else {
            let log_n = largest(self.memlimit / 1024);
            let rp = (opslimit / 4 / (1 << log_n)).min(0x3fff_ffff);
            let p = u32::try_from(rp).expect("it is below 2^30") / R;
            Parameters { log_n, r: R, p }
        }
    }

    /// Refuses what is too costly, before anything is allocated (SEC-6).
    pub(crate) fn check(self) -> Result<(), CostError> {
        let parameters = self.parameters();
        let (memory, work) = (parameters.memory(), parameters.work());
        if memory > MEMORY_MAX {
            Err(CostError::Memory { found: memory })
        } else if work > WORK_MAX {
            Err(CostError::Work { found: work })
        } else {
            Ok(())
        }
    }

    /// The bytes that hide the secret part of a key file, by exclusive or.
    pub(crate) fn stream<const N: usize>(
        self,
        passphrase: &[u8],
        salt: &[u8; 32],
    ) -> Result<Zeroizing<[u8; N]>, CostError> {
        self.check()?;
        let Parameters { log_n, r, p } = self.parameters();
        let parameters = scrypt::Params::new(log_n, r, p).expect("the limits of `check` are within those of scrypt");
        let mut stream = Zeroizing::new([0; N]);
        scrypt::scrypt(passphrase, salt, &parameters, stream.as_mut()).expect("the output is neither empty nor long");
        Ok(stream)
    }
}

impl fmt::Debug for Cost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parameters { log_n, r, p } = self.parameters();
        write!(out, "scrypt N=2^{log_n} r={r} p={p}")
    }
}

impl Parameters {
    /// 128 N r or 128 p r bytes, whichever is more (RFC 7914, sections 5 and 6), or as many as a number can say. Where
    /// one is near its limit, [`WORK_MAX`] keeps the other small.
    fn memory(self) -> u64 {
        (1u64 << self.log_n).max(u64::from(self.p)).saturating_mul(u64::from(self.r)).saturating_mul(128)
    }

    fn work(self) -> u64 {
        (1u64 << self.log_n).saturating_mul(u64::from(self.r) * 4).saturating_mul(u64::from(self.p))
    }
}

/// Refuses what is too costly in a signify file (SEC-6).
pub(crate) fn check_rounds(rounds: u32) -> Result<(), CostError> {
    if (1..=ROUNDS_MAX).contains(&rounds) { Ok(()) } else { Err(CostError::Rounds { found: rounds }) }
}

/// The bytes that hide the secret key of a signify file, by exclusive or. An empty passphrase gives none: signify has no
/// such key.
pub(crate) fn signify_stream(
    passphrase: &[u8],
    salt: &[u8; 16],
    rounds: u32,
) -> Result<Option<Zeroizing<[u8; 64]>>, CostError> {
    check_rounds(rounds)?;
    let mut stream = Zeroizing::new([0; 64]);
    Ok(bcrypt_pbkdf::bcrypt_pbkdf(passphrase, salt, rounds, stream.as_mut()).is_ok().then_some(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_named_cost_is_what_it_says() {
        assert_eq!(Cost::DEFAULT.parameters(), Parameters { log_n: 17, r: 8, p: 1 });
        assert_eq!(Cost::DEFAULT.memory(), 128 << 20);
        assert_eq!(Cost::SENSITIVE.parameters(), Parameters { log_n: 20, r: 8, p: 1 });
        assert_eq!(Cost::SENSITIVE.memory(), 1 << 30);
        assert_eq!(Cost::TEST.parameters(), Parameters { log_n: 10, r: 8, p: 1 });
        for cost in [Cost::DEFAULT, Cost::SENSITIVE, Cost::TEST] {
            assert_eq!(cost.check(), Ok(()));
        }
    }

    #[test]
    fn parameters_are_those_of_libsodium() {
        // Worked out by hand from its rule; the second is its INTERACTIVE.
        for (opslimit, memlimit, log_n, p) in [
            (0, 0, 1, 512),
            (524_288, 16_777_216, 14, 1),
            (1 << 20, 1 << 30, 15, 1),
            (1 << 25, 1 << 20, 10, 1024),
            (33_000, 1_000_000, 9, 2),
        ] {
            let expected = Parameters { log_n, r: 8, p };
            assert_eq!(Cost::claimed(opslimit, memlimit).parameters(), expected, "{opslimit} {memlimit}");
        }
    }

    #[test]
    fn what_is_too_costly_is_refused_before_it_is_tried() {
        let memory = Cost::claimed(1 << 26, 1 << 31);
        assert_eq!(memory.stream::<104>(b"", &[0; 32]), Err(CostError::Memory { found: 1 << 31 }));
        let most = Cost::claimed(u64::MAX, u64::MAX);
        assert!(matches!(most.check(), Err(CostError::Memory { .. })));
        let wide = Cost::claimed(1 << 27, 0);
        assert_eq!(wide.check(), Err(CostError::Memory { found: 1 << 31 }), "N is 2 and p is 2^21");
        assert_eq!(Cost::claimed(1 << 26, 0).check(), Ok(()));
        let work = Cost::claimed(1 << 28, 1 << 20);
        assert_eq!(work.check(), Err(CostError::Work { found: 1 << 28 }));
        assert_eq!(signify_stream(b"x", &[0; 16], 1001), Err(CostError::Rounds { found: 1001 }));
        assert_eq!(signify_stream(b"x", &[0; 16], 0), Err(CostError::Rounds { found: 0 }));
    }
}
