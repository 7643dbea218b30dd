//! Records as they are received: a statement, its blocks, and nothing verified.

use super::{ChainError, MAX_CHAIN_BYTES};
use crate::digest::{Digest, SignatoryId};
use crate::signature::{Signature, block};
use crate::statement::{Kind, Seq, Statement};

/// What the first line of a signature block begins with (CHN-2).
const BLOCK_MARK: &str = "untrusted comment: ";

/// A record that has the form of one. Nothing it says has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    text: String,
    blocks_text: String,
    statement: Statement,
    blocks: Vec<Signature>,
    digest: Digest,
}

impl Unverified {
    /// Reads a statement and its block or blocks, each as exact text.
    ///
    /// # Errors
    ///
    /// - A rule of chapter 3 if the text is no statement.
    /// - [`ChainError::Malformed`] (CHN-2) if the blocks are not pairs of lines.
    /// - [`ChainError::SignatureCount`] (CHN-15) if their number does not fit the kind.
    /// - A rule of chapter 2 if a block has another form.
    pub fn new(text: &[u8], blocks_text: &str) -> Result<Self, ChainError> {
        Self::numbered(1, text, blocks_text)
    }

    /// Divides a chain file into its records (CHN-1, CHN-2) and reads each of them.
    pub(super) fn read_file(file: &[u8]) -> Result<Vec<Self>, ChainError> {
        let mut divider = Divider::new(file)?;
        let mut records = Vec::new();
        while let Some(raw) = divider.next()? {
            records.push(Self::read_raw(records.len() + 1, &raw)?);
        }
        if records.is_empty() {
            Err(ChainError::Malformed { record: 1, problem: "the file is empty" })
        } else {
            Ok(records)
        }
    }

    /// Reads the first record of a chain file, and does not look at the rest.
    pub(super) fn read_first(file: &[u8]) -> Result<Self, ChainError> {
        match Divider::new(file)?.next()? {
            Some(raw) => Self::read_raw(1, &raw),
            None => Err(ChainError::Malformed { record: 1, problem: "the file is empty" }),
        }
    }

    fn read_raw(number: usize, raw: &RawRecord<'_>) -> Result<Self, ChainError> {
        // Blocks are ASCII; what is not even UTF-8 is certainly no block.
        let blocks = std::str::from_utf8(raw.blocks)
            .map_err(|_| ChainError::Malformed { record: number, problem: "a signature block is not text" })?;
        Self::numbered(number, raw.text, blocks)
    }

    fn numbered(number: usize, text: &[u8], blocks_text: &str) -> Result<Self, ChainError> {
        let statement = Statement::parse(text).map_err(|error| ChainError::Statement { record: number, error })?;
        let text = std::str::from_utf8(text).expect("what parsed as a statement is UTF-8").to_owned();
        let lines: Vec<_> = blocks_text.split_inclusive('\n').collect();
        if lines.len() % 2 != 0 {
            return Err(ChainError::Malformed { record: number, problem: "a signature block has two lines" });
        }
        let found = lines.len() / 2;
        match statement.kind() {
            Kind::Genesis | Kind::Release | Kind::Yank | Kind::Beat if found != 1 => {
                return Err(ChainError::SignatureCount { at: statement.seq, expected: 1, found });
            }
            // How many reserve keys must sign depends on the reserve in force, so on the path.
            Kind::Reserve | Kind::Genesis | Kind::Release | Kind::Yank | Kind::Beat => {}
        }
        let blocks = lines
            .chunks_exact(2)
            .map(|pair| block::parse(&pair.concat()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| ChainError::Block { at: statement.seq, error })?;
        let digest = Digest::of(text.as_bytes());
        Ok(Self { text, blocks_text: blocks_text.to_owned(), statement, blocks, digest })
    }

    /// What the statement says; nobody vouches for it.
    pub fn claimed(&self) -> &Statement {
        &self.statement
    }

    /// The number it gives itself.
    pub fn claimed_seq(&self) -> Seq {
        self.statement.seq
    }

    /// The id of the chain that begins with this record.
    ///
    /// # Errors
    ///
    /// - [`ChainError::NotAGenesis`] (CHN-4) if it is of another kind.
    pub fn claimed_genesis_id(&self) -> Result<SignatoryId, ChainError> {
        match self.statement.kind() {
            Kind::Genesis => Ok(SignatoryId::of_genesis(self.text.as_bytes())),
            found @ (Kind::Release | Kind::Yank | Kind::Beat | Kind::Reserve) => {
                Err(ChainError::NotAGenesis { at: self.statement.seq, found })
            }
        }
    }

    /// The exact text of the statement.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The exact text of the blocks.
    pub fn blocks_text(&self) -> &str {
        &self.blocks_text
    }

    /// The digest of the exact text of the statement.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    pub(super) fn blocks(&self) -> &[Signature] {
        &self.blocks
    }
}

/// The bytes of one record, divided but not read.
struct RawRecord<'file> {
    text: &'file [u8],
    blocks: &'file [u8],
}

/// Walks over a chain file by lines (CHN-2).
struct Divider<'file> {
    rest: &'file [u8],
    record: usize,
}

impl<'file> Divider<'file> {
    fn new(file: &'file [u8]) -> Result<Self, ChainError> {
        if file.len() > MAX_CHAIN_BYTES {
            return Err(ChainError::TooLarge { bytes: file.len() });
        }
        Ok(Self { rest: file, record: 0 })
    }

    fn next(&mut self) -> Result<Option<RawRecord<'file>>, ChainError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.record += 1;
        let text = self.take_while(|line| !line.starts_with(BLOCK_MARK.as_bytes()));
        let mut blocks_length = 0;
        let from_blocks = self.rest;
        while self.rest.starts_with(BLOCK_MARK.as_bytes()) {
            for _ in 0..2 {
                let line = self.take_line();
                if !line.ends_with(b"\n") {
                    return Err(self.malformed("a signature block has two lines, each with an end"));
                }
                blocks_length += line.len();
            }
        }
        let (blocks, _) = from_blocks.split_at(blocks_length);
        if text.is_empty() {
            Err(self.malformed("a signature block has no statement before it"))
        } else if blocks.is_empty() {
            Err(self.malformed("a statement has no signature block after it"))
        } else {
            Ok(Some(RawRecord { text, blocks }))
        }
    }

    fn take_while(&mut self, mut wanted: impl FnMut(&[u8]) -> bool) -> &'file [u8] {
        let whole = self.rest;
        let mut length = 0;
        while !self.rest.is_empty() && wanted(self.rest) {
            length += self.take_line().len();
        }
        &whole[..length]
    }

    fn take_line(&mut self) -> &'file [u8] {
        let end = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |at| at + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        line
    }

    fn malformed(&self, problem: &'static str) -> ChainError {
        ChainError::Malformed { record: self.record, problem }
    }
}
