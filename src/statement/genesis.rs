//! `genesis`: the first statement of a chain.

use super::canonical::{Fields, Writer};
use super::reserve::ReserveSet;
use super::{LookAhead, StatementError};
use crate::key::LinkKey;

/// What a genesis fixes: the first three link keys and the reserve. The signatory id commits to all of it.
///
/// ```
/// use sigpkg::example::{self, GENESIS};
/// use sigpkg::statement::Body;
///
/// let record = example::record(GENESIS)?;
/// let Body::Genesis(genesis) = &record.claimed().body else { return Err("expected a genesis".into()) };
/// assert_eq!((genesis.reserve.threshold, genesis.reserve.keys.len()), (1, 1));
/// assert_ne!(genesis.this, genesis.look_ahead.next);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The reserve: the only authority over who may sign.
    pub reserve: ReserveSet,
    /// K_1, which signs the genesis itself.
    pub this: LinkKey,
    /// K_2 and K_3.
    pub look_ahead: LookAhead,
}

impl Genesis {
    pub(super) fn read(header: &mut Fields<'_>) -> Result<Self, StatementError> {
        let reserve = header.whole_table("reserve", ReserveSet::read)?;
        header.whole_table("keys", |keys| {
            let this = keys.link_key("this")?;
            Ok(Self { reserve, this, look_ahead: LookAhead::read_keys(keys)? })
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.table("reserve");
        self.reserve.write(out);
    }
}
