//! The comma-separated list of an `in` filter.

use super::invalid::Invalid;

/// Splits at commas. A backslash takes the next comma or backslash literally, so that any list of
/// texts can be written. There is no empty list: the empty text is a list of one empty value.
pub(super) fn split_list(text: &str, max: usize) -> Result<Vec<String>, Invalid> {
    let mut values = Vec::new();
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(literal @ (',' | '\\')) => value.push(literal),
                _ => return Err(stray_backslash()),
            },
            ',' => {
                values.push(std::mem::take(&mut value));
                if values.len() == max {
                    return Err(too_many(max));
                }
            }
            other => value.push(other),
        }
    }
    values.push(value);
    Ok(values)
}

fn stray_backslash() -> Invalid {
    Invalid::new(
        "invalid_value",
        "in a list, a backslash stands only before a comma or a backslash",
    )
}

fn too_many(max: usize) -> Invalid {
    Invalid::new(
        "too_many_values",
        format!("a list has at most {max} values"),
    )
}

#[cfg(test)]
mod tests {
    use super::split_list;

    #[test]
    fn lists_are_split_at_commas_that_are_not_escaped() {
        let table: [(&str, &[&str]); 7] = [
            ("", &[""]),
            ("a", &["a"]),
            ("a,b", &["a", "b"]),
            (",", &["", ""]),
            (r"a\,b,c", &["a,b", "c"]),
            (r"a\\,b", &[r"a\", "b"]),
            ("é, 中", &["é", " 中"]),
        ];
        for (text, values) in table {
            let split = split_list(text, 3).expect(text);
            assert_eq!(split, values, "{text}");
        }
    }

    #[test]
    fn stray_backslashes_and_long_lists_are_refused() {
        for text in [r"\", r"a\b", r"a,\", "1,2,3,4"] {
            assert!(split_list(text, 3).is_err(), "{text}");
        }
        assert!(split_list(&"1,".repeat(10_000), 100).is_err());
    }
}
