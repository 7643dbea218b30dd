//! Numbers that a seed gives. They are whole numbers throughout: logarithms differ from one platform to the next, and a
//! synthetic registry must not.

/// Where a share of all values lies: pairs of a rank in [`RANKS`]ths and the value that it has, both rising. Between two
/// pairs the values lie on a straight line.
pub type Quantiles = [(u64, u64)];

/// The rank of the largest value.
pub const RANKS: u64 = 100_000;

/// An endless stream of numbers: SplitMix64.
pub struct Draw(u64);

impl Draw {
    /// The stream for one purpose and one thing. Each has its own, so that a change of one leaves the others as they were.
    pub fn of(seed: u64, purpose: &str, index: usize) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("sigpkg synthetic registry");
        hasher.update(&seed.to_le_bytes()).update(&(index as u64).to_le_bytes()).update(purpose.as_bytes());
        let mut state = [0; 8];
        hasher.finalize_xof().fill(&mut state);
        Self(u64::from_le_bytes(state))
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.number()) * u128::from(bound);
        (wide >> 64) as u64
    }

    /// The same for places in a list.
    pub fn place(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn happens(&mut self, per_thousand: u64) -> bool {
        self.below(1000) < per_thousand
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.place(from.len())]
    }

    pub fn quantile(&mut self, quantiles: &Quantiles) -> u64 {
        let rank = self.below(RANKS);
        let above = quantiles.partition_point(|(at, _)| *at <= rank).clamp(1, quantiles.len() - 1);
        let ((left, low), (right, high)) = (quantiles[above - 1], quantiles[above]);
        low + ((high - low) * (rank - left) * 2 + (right - left)) / ((right - left) * 2)
    }
}
