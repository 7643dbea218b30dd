//! The ids, read aloud.

use crate::digest::SignatoryId;

use super::SiteError;

/// Bytes of a WAV file.
pub type Sound = Vec<u8>;

/// Makes recordings.
pub struct Narrator {}

impl Narrator {
    pub(super) fn narrate(&self, _id: SignatoryId) -> Result<Sound, SiteError> {
        Ok(Vec::new())
    }
}
