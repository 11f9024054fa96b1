//! Path prefixes: where a proxy has hung the app in.

/// Longest prefix, in bytes.
const LONGEST: usize = 1024;

/// Appends the path `prefix` without its trailing slash to `out`; `None` where it is not one
/// slash and a path without empty or dot segments, in legal characters (RFC 3986 §3.3), or where
/// `out` becomes too long. An empty prefix is legal, and so is `/`.
pub(super) fn push(out: &mut String, prefix: &str) -> Option<()> {
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    if prefix.is_empty() {
        return Some(());
    }
    if out.len() + prefix.len() > LONGEST {
        return None;
    }
    let mut segments = prefix.strip_prefix('/')?.split('/');
    segments.all(is_plain_segment).then(|| out.push_str(prefix))
}

/// Legal characters, not empty, and not one that clients resolve away (RFC 3986 §5.2.4), as it
/// is or percent-encoded.
fn is_plain_segment(segment: &str) -> bool {
    let (mut rest, mut dots, mut others) = (segment.as_bytes(), 0_u32, false);
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match byte {
            b'.' => dots += 1,
            b'%' => {
                let [high, low, tail @ ..] = tail else {
                    return false;
                };
                if !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit() {
                    return false;
                }
                rest = tail;
                if (high, low.to_ascii_lowercase()) == (&b'2', b'e') {
                    dots += 1;
                } else {
                    others = true;
                }
            }
            byte if is_path_character(*byte) => others = true,
            _ => return false,
        }
    }
    others || dots > 2
}

const fn is_path_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'_' | b'~' | b'!' | b'$' | b'&'..=b',' | b';' | b'=' | b':' | b'@'
        )
}

#[cfg(test)]
mod tests {
    use super::push;

    fn prefix(text: &str) -> Option<String> {
        let mut out = String::new();
        push(&mut out, text)?;
        Some(out)
    }

    #[test]
    fn prefixes_are_paths_without_the_last_slash() {
        for (text, expected) in [
            ("", ""),
            ("/", ""),
            ("/shop", "/shop"),
            ("/shop/", "/shop"),
            ("/a/b-c_d~e.f", "/a/b-c_d~e.f"),
            ("/%C3%A9/$&'()*+;=:@!", "/%C3%A9/$&'()*+;=:@!"),
            ("/...", "/..."),
            ("/.well-known", "/.well-known"),
            ("/a..b/%2ea", "/a..b/%2ea"),
        ] {
            assert_eq!(prefix(text).as_deref(), Some(expected), "{text}");
        }
        let longest = format!("/{}", "a".repeat(1023));
        assert_eq!(prefix(&longest), Some(longest.clone()));
    }

    #[test]
    fn other_texts_are_no_prefixes() {
        for text in [
            "shop",
            "//",
            "//evil.example",
            "/a//b",
            "/a//",
            "/.",
            "/..",
            "/a/../b",
            "/a/./b",
            "/%2e",
            "/%2E%2e/a",
            "/.%2e",
            "/a/%2e.",
            "/%",
            "/%2",
            "/%zz",
            "/a b",
            "/a\"b",
            "/a<b",
            "/a\\b",
            "/\\evil.example",
            "/a?b",
            "/a#b",
            "/{id}",
            "/a|b",
            "/a^b",
            "/a`b",
            "/é",
            "http://evil.example",
            &format!("/{}", "a".repeat(1024)),
        ] {
            assert_eq!(prefix(text), None, "{text}");
        }
    }

    #[test]
    fn the_sum_of_prefixes_is_bounded() {
        let mut out = String::new();
        let half = format!("/{}", "a".repeat(511));
        assert_eq!(push(&mut out, &half), Some(()));
        assert_eq!(push(&mut out, &half), Some(()));
        assert_eq!(push(&mut out, "/a"), None);
        assert_eq!(out.len(), 1024);
    }
}
