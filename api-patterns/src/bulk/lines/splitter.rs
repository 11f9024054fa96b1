//! Lines out of bytes that arrive in pieces.

use bytes::{Bytes, BytesMut};

/// Cuts bytes into lines, of which it holds one at most that has not ended.
///
/// A line ends with a line feed; the last one need not. What is white space alone is no line.
#[doc(hidden)]
#[derive(Debug)]
pub struct Splitter {
    held: BytesMut,
    /// No line ends before here.
    searched: usize,
    most: usize,
    /// The rest of a line that is too long is to come.
    skipping: bool,
}

/// A line of a body.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Text(Bytes),
    TooLong,
}

impl Line {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::TooLong => 0,
        }
    }
}

impl Splitter {
    /// Lines of up to `most` bytes.
    pub fn new(most: usize) -> Self {
        Self {
            held: BytesMut::new(),
            searched: 0,
            most,
            skipping: false,
        }
    }

    /// Takes in what has arrived, after all lines of what came before are taken out.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next line that has ended.
    pub fn line(&mut self) -> Option<Line> {
        loop {
            let end = self.held[self.searched..]
                .iter()
                .position(|byte| *byte == b'\n');
            let Some(end) = end else {
                self.searched = self.held.len();
                self.skip_if_too_long();
                return None;
            };
            let line = self.held.split_to(self.searched + end + 1);
            self.searched = 0;
            let too_long = std::mem::take(&mut self.skipping);
            if let Some(line) = self.line_of(line.freeze(), too_long) {
                return Some(line);
            }
        }
    }

    /// What follows the last line feed, when nothing more will arrive.
    pub fn last(&mut self) -> Option<Line> {
        let line = std::mem::take(&mut self.held).freeze();
        self.searched = 0;
        let too_long = std::mem::take(&mut self.skipping);
        self.line_of(line, too_long)
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    fn skip_if_too_long(&mut self) {
        if self.skipping || self.held.len() > self.most.saturating_add(1) {
            self.skipping = true;
            self.held.clear();
            self.searched = 0;
        }
    }

    fn line_of(&self, line: Bytes, too_long: bool) -> Option<Line> {
        // White space counts, so that the pieces in which a line comes do not.
        let whole = line.strip_suffix(b"\n").unwrap_or(&line);
        let whole = whole.strip_suffix(b"\r").unwrap_or(whole);
        if too_long || whole.len() > self.most {
            return Some(Line::TooLong);
        }
        let text = line.trim_ascii();
        (!text.is_empty()).then(|| Line::Text(line.slice_ref(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Splitter};

    /// The lines of pieces, and the most bytes that were held after each.
    fn lines<'a>(most: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, usize) {
        let mut splitter = Splitter::new(most);
        let (mut lines, mut held) = (Vec::new(), 0);
        let text = |line| match line {
            Line::Text(text) => String::from_utf8_lossy(&text).into_owned(),
            Line::TooLong => "…".to_owned(),
        };
        for piece in pieces {
            splitter.push(piece);
            while let Some(line) = splitter.line() {
                lines.push(text(line));
            }
            held = held.max(splitter.held());
        }
        lines.extend(splitter.last().map(text));
        (lines, held)
    }

    #[test]
    fn lines_are_the_same_in_whatever_pieces_they_come() {
        let body = b"{\"a\":1}\r\n\n  \t\r\n 2 \n123456789\n12345678\n\xff\n1234567890123456789\n\n12345678\r\n          \n3";
        let expected = [
            "{\"a\":1}",
            "2",
            "…",
            "12345678",
            "\u{fffd}",
            "…",
            "12345678",
            "…",
            "3",
        ];
        for size in 1..=body.len() {
            let (found, held) = lines(8, body.chunks(size));
            assert_eq!(found, expected, "in pieces of {size}");
            assert!(held <= 9, "{held} held in pieces of {size}");
        }
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let piece = [b'x'; 1000];
        let (found, held) = lines(4096, std::iter::repeat_n(&piece[..], 1000));
        assert_eq!(found, ["…"]);
        assert!(held <= 4097, "{held}");
    }

    #[test]
    fn nothing_has_no_lines() {
        assert_eq!(lines(8, [&b""[..]]).0, [""; 0]);
        assert_eq!(lines(8, [&b"\n\n"[..], b" "]).0, [""; 0]);
    }
}
