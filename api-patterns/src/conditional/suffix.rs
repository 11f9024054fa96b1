//! What comes after a tag: the rendering, which this crate appends, and the coding, which
//! intermediaries do.

use http::HeaderValue;

use crate::field;

/// The codings that are appended to tags by what stands between this service and a client.
const CODINGS: [&str; 4] = ["gzip", "br", "zstd", "deflate"];

/// As Jetty, httpd and Caddy, and others write it: the longest first.
const SEPARATORS: [&str; 3] = ["--", "-", ";"];

/// Longest name of a media type's second half (RFC 6838 §4.2).
const MAX_SUBTYPE: usize = 127;

/// Whether this is `-gzip` or the like.
pub(super) fn is_coding(suffix: &str) -> bool {
    let separated = SEPARATORS.iter();
    let coding = separated.filter_map(|separator| suffix.strip_prefix(separator));
    coding.into_iter().any(|coding| CODINGS.contains(&coding))
}

/// Whether this is the suffix of a rendering, of a coding, or of the one and then the other.
pub(super) fn is_any(suffix: &str) -> bool {
    let starts = suffix.match_indices(['-', ';']).map(|(start, _)| start);
    let mut splits = starts.chain([suffix.len()]);
    splits.any(|start| {
        let (rendering, coding) = suffix.split_at(start);
        (rendering.is_empty() || is_rendering(rendering))
            && (coding.is_empty() || is_coding(coding))
    })
}

fn is_rendering(suffix: &str) -> bool {
    let name = suffix.strip_prefix('-');
    name.is_some_and(|name| name.len() <= MAX_SUBTYPE + 1 && field::is_token(name))
}

/// What a tag has at its end in this media type: nothing in JSON, `-hal+json` in HAL. `None` where
/// it is not a media type.
pub(super) fn of_media_type(media_type: Option<&HeaderValue>) -> Option<String> {
    let Some(media_type) = media_type else {
        return Some(String::new());
    };
    let whole = media_type.to_str().ok()?;
    let name = field::trim(whole.split(';').next().unwrap_or_default());
    if name.eq_ignore_ascii_case("application/json") {
        return Some(String::new());
    }
    let (_, subtype) = name.split_once('/')?;
    if subtype.len() > MAX_SUBTYPE || !field::is_token(subtype) {
        return None;
    }
    let mut suffix = format!("-{}", subtype.to_ascii_lowercase());
    // A file in gzip is not JSON compressed with gzip.
    if ends_in_coding(&suffix) {
        suffix.push('.');
    }
    Some(suffix)
}

fn ends_in_coding(suffix: &str) -> bool {
    let start = suffix.rfind(['-', ';']);
    start.is_some_and(|start| is_coding(&suffix[start..]))
}

/// The version that a client's tag names, in whatever rendering and coding: a number as
/// [`ETag::version`](super::ETag::version) writes it.
#[cfg(feature = "__sqlx")]
pub(super) fn version(tag: &str) -> Option<i64> {
    let sign = usize::from(tag.starts_with('-'));
    let digits = tag[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = tag.split_at(sign + digits);
    let version: i64 = number.parse().ok()?;
    (version.to_string() == number && is_any(suffix)).then_some(version)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::{is_any, is_coding, of_media_type};

    #[test]
    fn codings_are_known_by_name_and_separator() {
        for suffix in [
            "-gzip", "--gzip", ";gzip", "-br", ";br", "--zstd", "-deflate",
        ] {
            assert!(is_coding(suffix) && is_any(suffix), "{suffix}");
        }
        for suffix in [
            "",
            "-",
            "gzip",
            "-gzi",
            "-gzipp",
            "-GZIP",
            "---gzip",
            ";;br",
            "-;br",
            ":gzip",
            "-gzip-gzip",
            "-hal+json",
        ] {
            assert!(!is_coding(suffix), "{suffix}");
        }
    }

    #[test]
    fn a_rendering_and_then_a_coding_is_any_suffix() {
        for suffix in [
            "",
            "-hal+json",
            "-vnd.api+json;br",
            "-prs.hal-forms+json--gzip",
        ] {
            assert!(is_any(suffix), "{suffix}");
        }
        for suffix in [
            "7",
            ".1",
            ";",
            "-",
            "-a/b",
            ";hal+json",
            "-hal json",
            ";gzip;x",
        ] {
            assert!(!is_any(suffix), "{suffix}");
        }
    }

    #[test]
    fn every_media_type_has_a_suffix_that_is_no_coding() {
        let of = |text: &'static str| of_media_type(Some(&HeaderValue::from_static(text)));
        let table = [
            ("application/json", Some("")),
            ("Application/JSON ; charset=utf-8", Some("")),
            ("application/hal+json", Some("-hal+json")),
            ("text/HTML; charset=utf-8", Some("-html")),
            ("application/gzip", Some("-gzip.")),
            ("application/x-gzip", Some("-x-gzip.")),
            ("application/vnd.x-br", Some("-vnd.x-br.")),
            ("json", None),
            ("application/a b", None),
            ("application/", None),
        ];
        for (text, suffix) in table {
            let found = of(text);
            assert_eq!(found.as_deref(), suffix, "{text}");
            let found = found.unwrap_or_default();
            assert!(!is_coding(&found) && is_any(&found), "{text}");
        }
        assert_eq!(of_media_type(None).as_deref(), Some(""));
    }
}
