//! Patterns of `.gitattributes`: the globs of gitignore(5).

/// One pattern, relative to the directory of its file.
pub(super) struct Pattern {
    tokens: Vec<Token>,
    /// It ends with `/`, and so matches directories only.
    directories_only: bool,
    /// It has no other `/`, and so is matched against the name alone.
    name_only: bool,
}

enum Token {
    /// This byte.
    Byte(u8),
    /// `?`: one byte that is no `/`.
    One,
    /// `*`: any bytes but `/`.
    Star,
    /// `**` between slashes or at an end: any bytes.
    Everything,
    /// `**/`: nothing, or any directories.
    Directories,
    /// `[…]`: one byte of a class, and no `/`.
    Class { negated: bool, ranges: Vec<(u8, u8)> },
}

impl Pattern {
    /// `None` if git would ignore the line: negative patterns have no meaning for attributes.
    pub(super) fn parse(pattern: &[u8]) -> Option<Self> {
        if pattern.first().is_none_or(|byte| *byte == b'!') {
            return None;
        }
        let directories_only = pattern.len() > 1 && pattern.ends_with(b"/");
        let body = if directories_only { pattern.strip_suffix(b"/")? } else { pattern };
        let name_only = !body.contains(&b'/');
        let body = body.strip_prefix(b"/").unwrap_or(body);
        // A pattern that git cannot read matches nothing.
        let tokens =
            tokens(body, !name_only).unwrap_or_else(|| vec![Token::Class { negated: false, ranges: Vec::new() }]);
        Some(Self { tokens, directories_only, name_only })
    }

    /// Whether it matches a path that is relative to its directory.
    pub(super) fn matches(&self, path: &[u8], is_directory: bool) -> bool {
        if self.directories_only && !is_directory {
            return false;
        }
        let subject = if self.name_only { super::split(path).1 } else { path };
        matches(&self.tokens, subject)
    }
}

/// Follows all ways to match at once, so that no pattern takes more than its length times that of the path.
fn matches(tokens: &[Token], subject: &[u8]) -> bool {
    // `reached[i]`: the tokens so far can match the first `i` bytes.
    let mut reached = vec![false; subject.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for token in tokens {
        reached = advance(token, subject, &reached);
    }
    reached.last() == Some(&true)
}

fn advance(token: &Token, subject: &[u8], reached: &[bool]) -> Vec<bool> {
    let mut next = vec![false; reached.len()];
    // Whether a token of many bytes is under way.
    let mut open = false;
    for (at, is_reached) in reached.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| subject.get(at));
        let was_reached = at.checked_sub(1).and_then(|at| reached.get(at)) == Some(&true);
        let here = match token {
            Token::Byte(expected) => was_reached && before == Some(expected),
            Token::One => was_reached && before.is_some_and(|byte| *byte != b'/'),
            Token::Class { negated, ranges } => {
                let is_in = |byte: &u8| ranges.iter().any(|(low, high)| (low..=high).contains(&byte));
                was_reached && before.is_some_and(|byte| *byte != b'/' && is_in(byte) != *negated)
            }
            Token::Star => {
                open = *is_reached || (open && before != Some(&b'/'));
                open
            }
            Token::Everything => {
                open |= *is_reached;
                open
            }
            Token::Directories => {
                let ends = open && before == Some(&b'/');
                open |= *is_reached;
                ends || *is_reached
            }
        };
        if let Some(slot) = next.get_mut(at) {
            *slot = here;
        }
    }
    next
}

/// Of a pattern that is matched against a path, git compares what stands before the first special character on its own, and
/// only the rest as a glob. So `**` is double after `/`, at the start, and at the end of that first part.
fn tokens(pattern: &[u8], is_path: bool) -> Option<Vec<Token>> {
    let mut is_first_part = is_path;
    let mut tokens = Vec::new();
    let mut rest = pattern;
    let mut at_start = true;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        let mut is_slash = false;
        let ends_first_part = is_first_part && b"?\\[*".contains(byte);
        is_first_part &= !ends_first_part;
        match byte {
            b'?' => tokens.push(Token::One),
            b'\\' => {
                let (escaped, tail) = rest.split_first()?;
                rest = tail;
                tokens.push(Token::Byte(*escaped));
            }
            b'[' => {
                let (class, tail) = class(rest)?;
                rest = tail;
                tokens.push(class);
            }
            b'*' => {
                let is_double = rest.starts_with(b"*");
                while let Some(tail) = rest.strip_prefix(b"*") {
                    rest = tail;
                }
                if !is_double || !(at_start || ends_first_part) || !matches!(rest.first(), None | Some(b'/')) {
                    tokens.push(Token::Star);
                } else if let Some(tail) = rest.strip_prefix(b"/") {
                    rest = tail;
                    is_slash = true;
                    tokens.push(Token::Directories);
                } else {
                    tokens.push(Token::Everything);
                }
            }
            byte => {
                is_slash = *byte == b'/';
                tokens.push(Token::Byte(*byte));
            }
        }
        at_start = is_slash;
    }
    Some(tokens)
}

/// What stands between `[` and `]`.
fn class(text: &[u8]) -> Option<(Token, &[u8])> {
    let mut rest = text;
    let negated = matches!(rest.first(), Some(b'!' | b'^'));
    if negated {
        rest = rest.get(1..)?;
    }
    let mut ranges = Vec::new();
    let mut is_first = true;
    loop {
        let (byte, tail) = rest.split_first()?;
        rest = tail;
        match byte {
            // As the first of a class, `]` stands for itself.
            b']' if !is_first => return Some((Token::Class { negated, ranges }, rest)),
            b'[' if rest.starts_with(b":") => {
                let end = rest.windows(2).position(|pair| pair == b":]")?;
                ranges.extend_from_slice(named_class(rest.get(1..end)?)?);
                rest = rest.get(end + 2..)?;
            }
            byte => {
                let (low, tail) = if *byte == b'\\' { rest.split_first()? } else { (byte, rest) };
                rest = tail;
                let mut high = *low;
                if let Some(tail) = rest.strip_prefix(b"-")
                    && tail.first().is_some_and(|byte| *byte != b']')
                {
                    let (byte, tail) = tail.split_first()?;
                    let (byte, tail) = if *byte == b'\\' { tail.split_first()? } else { (byte, tail) };
                    high = *byte;
                    rest = tail;
                }
                ranges.push((*low, high));
            }
        }
        is_first = false;
    }
}

fn named_class(name: &[u8]) -> Option<&'static [(u8, u8)]> {
    Some(match name {
        b"alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        b"blank" => &[(b' ', b' '), (b'\t', b'\t')],
        b"cntrl" => &[(0, 31), (127, 127)],
        b"digit" => &[(b'0', b'9')],
        b"graph" => &[(33, 126)],
        b"lower" => &[(b'a', b'z')],
        b"print" => &[(32, 126)],
        b"punct" => &[(33, 47), (58, 64), (91, 96), (123, 126)],
        b"space" => &[(9, 13), (b' ', b' ')],
        b"upper" => &[(b'A', b'Z')],
        b"xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    })
}
