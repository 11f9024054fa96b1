//! JSON pointers (RFC 6901).

/// Appends a segment, escaped: `~` as `~0`, `/` as `~1`.
pub(crate) fn push_segment(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for c in segment.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::push_segment;

    #[test]
    fn segments_are_escaped() {
        let table = [
            ("", "/"),
            ("a/b", "/a~1b"),
            ("m~n", "/m~0n"),
            ("~1", "/~01"),
            ("é", "/é"),
        ];
        for (segment, expected) in table {
            let mut pointer = String::new();
            push_segment(&mut pointer, segment);
            assert_eq!(pointer, expected);
        }
    }
}
