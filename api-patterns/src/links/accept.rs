//! Which of the offered media types a client wants (RFC 9110 §12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

use crate::field::{self, Parameters};

/// Most media ranges that are looked at.
const MAX_RANGES: usize = 64;

const JSON_API: &str = "application/vnd.api+json";

/// The index of the media type in `offered` that the client likes best, or `None` where it
/// accepts none of them. Offered types have no parameters.
///
/// The most specific range that fits gives a type's quality. Of types with the best quality, one
/// that the client names goes before one that fits only a wildcard; then the order of `offered`
/// decides. Malformed ranges are skipped; without any that is well-formed, everything is
/// acceptable.
///
/// Parameters of a range make it more specific and are ignored otherwise, but for JSON:API 1.1:
/// its type with any parameter other than `profile` does not fit.
pub(crate) fn negotiate(headers: &HeaderMap, offered: &[&'static str]) -> Option<usize> {
    if let Some(plain) = of_one_type(headers, offered) {
        return Some(plain);
    }
    let ranges: Vec<Range<'_>> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|line| field::text(line.as_bytes()))
        .flat_map(field::list)
        .filter(|range| !range.is_empty())
        .take(MAX_RANGES)
        .filter_map(Range::parse)
        .collect();
    if ranges.is_empty() {
        return (!offered.is_empty()).then_some(0);
    }
    let mut best: Option<(Preference, usize)> = None;
    for (nth, media_type) in offered.iter().enumerate() {
        let preference = preference(&ranges, media_type).filter(|found| found.quality > 0);
        if let Some(preference) = preference
            && best.is_none_or(|(best, _)| preference > best)
        {
            best = Some((preference, nth));
        }
    }
    best.map(|(_, nth)| nth)
}

/// The answer to what most clients send, a single type or `*/*`, without a list of ranges.
fn of_one_type(headers: &HeaderMap, offered: &[&'static str]) -> Option<usize> {
    let mut lines = headers.get_all(ACCEPT).iter();
    let only = lines.next().filter(|_| lines.next().is_none())?;
    match only.as_bytes() {
        b"*/*" => (!offered.is_empty()).then_some(0),
        name => offered
            .iter()
            .position(|offered| offered.as_bytes() == name),
    }
}

/// What the most specific ranges that fit say about a media type.
fn preference(ranges: &[Range<'_>], media_type: &str) -> Option<Preference> {
    let fitting = ranges.iter().filter(|range| range.fits(media_type));
    let best = fitting.max_by_key(|range| (range.specificity, range.quality))?;
    Some(Preference {
        quality: best.quality,
        is_named: best.specificity >= Specificity::Type,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Preference {
    /// In thousandths.
    quality: u16,
    is_named: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Specificity {
    Everything,
    AllSubtypes,
    Type,
    WithParameters,
}

#[derive(Clone, Copy, Debug)]
struct Range<'a> {
    main: &'a str,
    sub: &'a str,
    /// In thousandths.
    quality: u16,
    specificity: Specificity,
    /// Whether a parameter other than `profile` is there.
    is_modified: bool,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (media_type, parameters) = text.split_once(';').unwrap_or((text, ""));
        let (main, sub) = field::trim(media_type).split_once('/')?;
        if !field::is_token(main) || !field::is_token(sub) || (main == "*" && sub != "*") {
            return None;
        }
        let (mut quality, mut has_parameters, mut is_modified) = (None, false, false);
        for parameter in Parameters::new(parameters) {
            let (name, value) = parameter.ok()?;
            if name.eq_ignore_ascii_case("q") {
                if quality.is_some() {
                    return None;
                }
                quality = Some(thousandths(&value)?);
            } else {
                has_parameters = true;
                is_modified |= !name.eq_ignore_ascii_case("profile");
            }
        }
        let specificity = match (main, sub) {
            ("*", _) => Specificity::Everything,
            (_, "*") => Specificity::AllSubtypes,
            _ if has_parameters => Specificity::WithParameters,
            _ => Specificity::Type,
        };
        Some(Self {
            main,
            sub,
            quality: quality.unwrap_or(1000),
            specificity,
            is_modified,
        })
    }

    fn fits(&self, media_type: &str) -> bool {
        match self.specificity {
            Specificity::Everything => true,
            Specificity::AllSubtypes => media_type
                .split_once('/')
                .is_some_and(|(main, _)| main.eq_ignore_ascii_case(self.main)),
            Specificity::Type | Specificity::WithParameters => {
                let same = media_type.split_once('/').is_some_and(|(main, sub)| {
                    main.eq_ignore_ascii_case(self.main) && sub.eq_ignore_ascii_case(self.sub)
                });
                same && !(self.is_modified && media_type.eq_ignore_ascii_case(JSON_API))
            }
        }
    }
}

/// A quality (RFC 9110 §12.4.2) in thousandths. `.2` is read too, which the HTTP client of Java
/// has sent for decades.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    if decimals.len() > 3 || !digits {
        return None;
    }
    let fraction = decimals
        .bytes()
        .chain(*b"000")
        .take(3)
        .fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match whole {
        "0" => Some(fraction),
        "" if !decimals.is_empty() => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT;
    use http::{HeaderMap, HeaderValue};

    use super::{negotiate, thousandths};

    const OFFERED: [&str; 3] = [
        "application/json",
        "application/hal+json",
        "application/vnd.api+json",
    ];

    fn wanted(lines: &[&str]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).expect("a value");
            headers.append(ACCEPT, line);
        }
        negotiate(&headers, &OFFERED).map(|nth| OFFERED[nth])
    }

    const PLAIN: Option<&str> = Some(OFFERED[0]);
    const HAL: Option<&str> = Some(OFFERED[1]);
    const API: Option<&str> = Some(OFFERED[2]);

    #[test]
    fn the_best_quality_wins() {
        for (accept, expected) in [
            ("application/hal+json", HAL),
            ("Application/HAL+JSON", HAL),
            ("application/json;q=0.5, application/hal+json;q=0.501", HAL),
            ("application/json;q=0.5, application/hal+json;Q=0.5", PLAIN),
            ("application/hal+json, application/json", PLAIN),
            ("*/*", PLAIN),
            ("application/*;q=0.1", PLAIN),
            (
                "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
                PLAIN,
            ),
            (
                "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
                PLAIN,
            ),
            ("text/html", None),
            ("text/*", None),
            ("application/json;q=0", None),
            ("application/json;q=0.000, text/html", None),
            ("application/problem+json", None),
        ] {
            assert_eq!(wanted(&[accept]), expected, "{accept}");
        }
    }

    #[test]
    fn the_most_specific_range_gives_the_quality() {
        for (accept, expected) in [
            ("*/*, application/json;q=0.1", HAL),
            ("application/json;q=0, */*;q=0.1", HAL),
            ("application/*;q=0, */*", None),
            (
                "application/*;q=0.2, */*;q=0, application/hal+json;q=0.3",
                HAL,
            ),
            (
                "application/json;q=0.9, application/json;v=1;q=0.1, application/hal+json;q=0.5",
                HAL,
            ),
            (
                "application/json;v=1;q=0.1, application/json;v=2;q=0.6, application/hal+json;q=0.5",
                PLAIN,
            ),
            // What is named goes before what fits a wildcard.
            ("application/hal+json, */*", HAL),
            ("*/*, application/hal+json;q=0.9", PLAIN),
        ] {
            assert_eq!(wanted(&[accept]), expected, "{accept}");
        }
    }

    #[test]
    fn parameters_turn_json_api_away() {
        for (accept, expected) in [
            ("application/vnd.api+json", API),
            ("application/vnd.api+json; q=0.3", API),
            (
                "application/vnd.api+json;profile=\"https://a.example/x https://b.example/y\"",
                API,
            ),
            ("application/vnd.api+json;charset=utf-8", None),
            ("APPLICATION/VND.API+JSON;ext=\"https://a.example\"", None),
            (
                "application/vnd.api+json;q=1;x=1, application/vnd.api+json;q=0.1",
                API,
            ),
            ("application/hal+json;charset=utf-8", HAL),
            (
                "application/vnd.api+json;x=1, application/hal+json;q=0.1",
                HAL,
            ),
        ] {
            assert_eq!(wanted(&[accept]), expected, "{accept}");
        }
    }

    #[test]
    fn lists_are_read_over_lines_and_strings() {
        assert_eq!(wanted(&["text/html", "application/hal+json"]), HAL);
        assert_eq!(
            wanted(&["a/b;x=\"1, application/json;q=1\", application/hal+json"]),
            HAL
        );
        assert_eq!(
            wanted(&["application/hal+json;x=\"\\\",;\";q=0.5, application/json;q=0.4"]),
            HAL
        );
        assert_eq!(wanted(&[", ,application/hal+json,"]), HAL);
    }

    #[test]
    fn without_a_range_everything_is_acceptable() {
        assert_eq!(wanted(&[]), PLAIN);
        for accept in [
            "",
            " , ",
            "json",
            "*",
            "*/json",
            "é/*",
            "a/b;q=2",
            "a/b;q=1;q=0",
            "/",
            "a/b/c",
            "a b/c",
        ] {
            assert_eq!(wanted(&[accept]), PLAIN, "{accept}");
        }
        assert_eq!(
            wanted(&["garbage", "application/hal+json;q=x, text/html"]),
            None
        );
        assert_eq!(negotiate(&HeaderMap::new(), &[]), None);
    }

    #[test]
    fn no_more_than_64_ranges_are_looked_at() {
        let filler = |count: usize| "a/b, ".repeat(count);
        let (inside, outside) = (filler(63), filler(64));
        assert_eq!(wanted(&[&format!("{inside}application/hal+json")]), HAL);
        assert_eq!(wanted(&[&format!("{outside}application/hal+json")]), None);
        assert_eq!(
            wanted(&[&format!("{}application/hal+json", "x,".repeat(64))]),
            PLAIN
        );
    }

    #[test]
    fn qualities_have_at_most_three_decimals() {
        for (text, expected) in [
            ("0", Some(0)),
            ("0.", Some(0)),
            ("0.5", Some(500)),
            ("0.05", Some(50)),
            ("0.005", Some(5)),
            (".25", Some(250)),
            ("1", Some(1000)),
            ("1.000", Some(1000)),
            ("1.001", None),
            ("0.0005", None),
            ("2", None),
            ("-1", None),
            ("", None),
            (".", None),
            ("0,5", None),
            ("0.5.5", None),
            ("NaN", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }
}
