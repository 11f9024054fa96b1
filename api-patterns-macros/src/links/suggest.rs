//! What was meant by a name that there is not.

/// `` `a`, `b`, `c` ``.
pub(super) fn list(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<_> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    quoted.join(", ")
}

/// ` (did you mean ..?)`, or nothing where no name is near.
pub(super) fn guess(name: &str, known: &[impl AsRef<str>]) -> String {
    let nearest = known
        .iter()
        .map(|known| (distance(name, known.as_ref()), known.as_ref()))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, nearest)) if distance <= 2 && distance < name.chars().count() => {
            format!(" (did you mean `{nearest}`?)")
        }
        _ => String::new(),
    }
}

/// How many characters have to be added, removed or replaced.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, to) in right.chars().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn a_name_is_guessed_when_it_is_near() {
        let known = ["rel", "href", "method", "category_id"];
        for (name, nearest) in [
            ("hrefs", Some("href")),
            ("methd", Some("method")),
            ("categori_id", Some("category_id")),
            ("x", None),
            ("wholly_other", None),
        ] {
            let expected =
                nearest.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"));
            assert_eq!(guess(name, &known), expected, "{name}");
        }
    }
}
