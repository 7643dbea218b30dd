//! Records as they are received: a statement, its blocks, and nothing verified.

use super::{ChainError, MAX_CHAIN_BYTES};
use crate::digest::{Digest, SignatoryId};
use crate::signature::{Signature, block};
use crate::statement::{Kind, Seq, Statement};

/// What the first line of a signature block begins with (CHN-2).
const BLOCK_MARK: &str = "untrusted comment: ";

/// CHN-2: a chain file has at least one record.
const EMPTY: ChainError = ChainError::Malformed { record: 1, problem: "the file is empty" };

/// A record that has the form of one. Nothing it says has been verified.
///
/// ```
/// use sigpkg::example::{self, GENESIS, RIVAL};
/// use sigpkg::signature::Standard;
///
/// // It reads well, and means nothing before a chain has taken it.
/// let record = example::record(RIVAL)?;
/// assert_eq!(record.claimed().release().map(|release| release.version.as_str()), Some("6.6.6"));
/// assert!(example::chain(&[GENESIS])?.append(record, &Standard).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// ```
    /// use sigpkg::chain::{ChainError, Unverified};
    /// use sigpkg::example::{self, FIRST};
    ///
    /// let (text, _) = FIRST.split_once("untrusted comment: ").ok_or("no signature")?;
    /// let blocks = &FIRST[text.len()..];
    /// assert!(Unverified::new(text.as_bytes(), blocks).is_ok());
    /// let unsigned = Unverified::new(text.as_bytes(), "").unwrap_err();
    /// assert!(matches!(unsigned, ChainError::SignatureCount { expected: 1, found: 0, .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - A rule of chapter 3 if the text is no statement.
    /// - [`ChainError::Malformed`] (CHN-2) if the blocks are not pairs of lines.
    /// - [`ChainError::SignatureCount`] (CHN-15) if their number does not fit the kind.
    /// - A rule of chapter 2 if a block has another form.
    pub fn new(text: &[u8], blocks_text: &str) -> Result<Self, ChainError> {
        Self::numbered(1, text, blocks_text, None)
    }

    /// Divides a chain file into its records (CHN-1, CHN-2) and reads each of them. A record that is byte-equal to one
    /// that `known` finds by the digest of its text is not read again.
    pub(super) fn read_file<'known>(
        file: &[u8],
        known: impl Fn(Digest) -> Option<&'known Self> + Send + Sync,
    ) -> Result<Vec<Self>, ChainError> {
        let raw_records = Divider::divide(file)?;
        let numbered: Vec<_> = raw_records.iter().enumerate().map(|(index, raw)| (index + 1, raw)).collect();
        let runs = read_runs(&numbered, |run| {
            let mut records: Vec<Self> = Vec::with_capacity(run.len());
            for (number, raw) in run {
                let record = match known(Digest::of(raw.text)).filter(|known| known.is(raw)) {
                    Some(known) => known.clone(),
                    None => Self::read_raw(*number, raw, records.last().map(|parent| &parent.statement))?,
                };
                records.push(record);
            }
            Ok(records)
        })?;
        Ok(runs.into_iter().flatten().collect())
    }

    /// Whether it has the bytes of this record, blocks included.
    fn is(&self, raw: &RawRecord<'_>) -> bool {
        self.text.as_bytes() == raw.text && self.blocks_text.as_bytes() == raw.blocks
    }

    /// Reads the first record of a chain file, and does not look at the rest.
    pub(super) fn read_first(file: &[u8]) -> Result<Self, ChainError> {
        match Divider::new(file)?.next()? {
            Some(raw) => Self::read_raw(1, &raw, None),
            None => Err(EMPTY),
        }
    }

    fn read_raw(number: usize, raw: &RawRecord<'_>, before: Option<&Statement>) -> Result<Self, ChainError> {
        // Blocks are ASCII. What is not even UTF-8 is refused as a block (SIG-5), after the statement, in its turn; the
        // replacement characters see to that.
        Self::numbered(number, raw.text, &String::from_utf8_lossy(raw.blocks), before)
    }

    fn numbered(number: usize, text: &[u8], blocks_text: &str, before: Option<&Statement>) -> Result<Self, ChainError> {
        let announced = before.map(|before| &before.look_ahead().after_next);
        let statement =
            Statement::parse_after(text, announced).map_err(|error| ChainError::Statement { record: number, error })?;
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
    ///
    /// ```
    /// use sigpkg::example::{self, YANK};
    ///
    /// assert_eq!(example::record(YANK)?.claimed().kind().as_str(), "yank");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed(&self) -> &Statement {
        &self.statement
    }

    /// The number it gives itself.
    ///
    /// ```
    /// use sigpkg::example::{self, YANK};
    ///
    /// assert_eq!(example::record(YANK)?.claimed_seq().get(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimed_seq(&self) -> Seq {
        self.statement.seq
    }

    /// The id of the chain that begins with this record.
    ///
    /// ```
    /// use sigpkg::example::{self, FIRST, GENESIS};
    /// use sigpkg::rule::Rule;
    ///
    /// assert_eq!(example::record(GENESIS)?.claimed_genesis_id()?, example::id()?);
    /// assert_eq!(example::record(FIRST)?.claimed_genesis_id().unwrap_err().rule(), Rule::Chn4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use sigpkg::example::{self, GENESIS};
    ///
    /// assert!(example::record(GENESIS)?.text().starts_with("sigpkg = 1\nkind = \"genesis\"\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The exact text of the blocks.
    ///
    /// ```
    /// use sigpkg::example::{self, GENESIS};
    ///
    /// assert!(example::record(GENESIS)?.blocks_text().starts_with("untrusted comment: sigpkg signature\nRW"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn blocks_text(&self) -> &str {
        &self.blocks_text
    }

    /// The digest of the exact text of the statement.
    ///
    /// ```
    /// use sigpkg::digest::Digest;
    /// use sigpkg::example::{self, FIRST};
    ///
    /// let record = example::record(FIRST)?;
    /// assert_eq!(record.digest(), Digest::of(record.text().as_bytes()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

/// How many records are read one after the other; enough to make up for the cost of handing them to a thread.
const RUN: usize = 32;

/// Records are read on all processors, in runs of neighbours; which error is reported must not depend on that.
#[cfg(feature = "parallel")]
fn read_runs<T: Sync, R: Send>(
    records: &[T],
    read: impl Fn(&[T]) -> Result<R, ChainError> + Send + Sync,
) -> Result<Vec<R>, ChainError> {
    use rayon::prelude::*;
    // A single run is read here: to start the threads takes longer.
    if records.len() <= RUN {
        return read(records).map(|run| vec![run]);
    }
    // Collecting into a Result would return any error; collecting the results first returns that of the first run.
    let runs: Vec<_> = records.par_chunks(RUN).map(read).collect();
    runs.into_iter().collect()
}

#[cfg(not(feature = "parallel"))]
fn read_runs<T, R>(records: &[T], read: impl Fn(&[T]) -> Result<R, ChainError>) -> Result<Vec<R>, ChainError> {
    records.chunks(RUN).map(read).collect()
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

    /// All records of a file, of which there is at least one.
    fn divide(file: &'file [u8]) -> Result<Vec<RawRecord<'file>>, ChainError> {
        let mut divider = Self::new(file)?;
        let mut records = Vec::new();
        while let Some(record) = divider.next()? {
            records.push(record);
        }
        if records.is_empty() { Err(EMPTY) } else { Ok(records) }
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
