//! Cursor tokens, each way: ours beside what teams write by hand and what other libraries make.

use std::fmt::Debug;
use std::hint::black_box;

use api_patterns::pagination::{CursorError, CursorKey, Keyset, Pagination, Scan};
use benches::tokens::{dropshot, floor, graphql, hmac_json, json, postcard};
use benches::{Bench, Case, Goal};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;

const PLAIN: &str = "api-patterns, plain";
const SIGNED: &str = "api-patterns, signed";
const SEALED: &str = "api-patterns, sealed";
const FLOOR: &str = "floor: fixed bytes, String";
const FLOOR_STACK: &str = "floor: fixed bytes, stack";
const BY_HAND: &str = "serde_json + base64 by hand";
const BY_HAND_INTEGER: &str = "by hand, time as integer";
const BY_HAND_CHRONO: &str = "by hand, time of chrono";
const BY_HAND_VALUE: &str = "by hand, through json!";
const BY_HAND_HMAC: &str = "by hand, with HMAC";
const POSTCARD: &str = "postcard + base64 by hand";
const GRAPHQL: &str = "async-graphql OpaqueCursor";
const DROPSHOT: &str = "dropshot page token";

/// What teams put into a token: the time as RFC 3339 text.
#[derive(Clone, Debug, Deserialize, Keyset, PartialEq, Serialize)]
#[keyset(unique = id, default = "-created_at")]
struct TimestampId {
    created_at: jiff::Timestamp,
    id: i64,
}

/// The same key as teams have it whose times are chrono's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct ChronoId {
    created_at: chrono::DateTime<chrono::Utc>,
    id: i64,
}

/// The same key with the time as microseconds.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct IntegerId {
    created_at: i64,
    id: i64,
}

#[derive(Clone, Debug, Deserialize, Keyset, PartialEq, Serialize)]
#[keyset(unique = id, default = "name,-price")]
struct TextDecimalUuid {
    name: String,
    // postcard does not tell a reader what comes next, which the default would ask for.
    #[serde(with = "rust_decimal::serde::str")]
    price: Decimal,
    id: Uuid,
}

impl TimestampId {
    fn to_value(&self) -> serde_json::Value {
        json!({"created_at": self.created_at.to_string(), "id": self.id})
    }
}

fn of_value(token: &str) -> TimestampId {
    let value: serde_json::Value = json::decode(token);
    let created_at = value["created_at"]
        .as_str()
        .and_then(|text| text.parse().ok());
    let id = value["id"].as_i64();
    TimestampId {
        created_at: created_at.expect("a timestamp"),
        id: id.expect("an integer"),
    }
}

/// The least that holds a key.
trait Fixed<const N: usize> {
    fn fixed(&self) -> [u8; N];
}

impl Fixed<16> for TimestampId {
    fn fixed(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.created_at.as_microsecond().to_be_bytes());
        bytes[8..].copy_from_slice(&self.id.to_be_bytes());
        bytes
    }
}

impl Fixed<53> for TextDecimalUuid {
    fn fixed(&self) -> [u8; 53] {
        let mut bytes = [0; 53];
        bytes[0] = self.name.len() as u8;
        bytes[1..21].copy_from_slice(self.name.as_bytes());
        bytes[21..37].copy_from_slice(&self.price.serialize());
        bytes[37..].copy_from_slice(self.id.as_bytes());
        bytes
    }
}

fn timestamp_id() -> TimestampId {
    let created_at = "2026-11-20T20:14:11.123457Z".parse().expect("a timestamp");
    TimestampId {
        created_at,
        id: 1_234_567_890,
    }
}

fn integer_id() -> IntegerId {
    let key = timestamp_id();
    IntegerId {
        created_at: key.created_at.as_microsecond(),
        id: key.id,
    }
}

fn chrono_id() -> ChronoId {
    let key = integer_id();
    let created_at = chrono::DateTime::from_timestamp_micros(key.created_at).expect("in range");
    ChronoId {
        created_at,
        id: key.id,
    }
}

fn text_decimal_uuid() -> TextDecimalUuid {
    TextDecimalUuid {
        name: "a name of 20 bytes..".to_owned(),
        price: Decimal::new(123_456, 2),
        id: Uuid::from_u128(0x0189_d6a1_5b7c_7e3d_9f10_2233_4455_6677),
    }
}

fn main() {
    let mut bench = Bench::from_args();
    bench.run(encode_timestamp_id());
    bench.run(decode_timestamp_id());
    bench.run(encode_text_decimal_uuid());
    bench.run(decode_text_decimal_uuid());
    bench.finish();
}

/// The ways of a team, to which the goals refer: with times as text, unsigned.
const TEAMS: [&str; 3] = [BY_HAND, BY_HAND_CHRONO, BY_HAND_VALUE];

fn encode_timestamp_id() -> Case<'static> {
    let (key, chrono, integer) = (timestamp_id(), chrono_id(), integer_id());
    let mut case = Case::new("pagination/encode/timestamp_id");
    let mut plain = TEAMS.map(|who| Goal::Faster(6.0, who)).to_vec();
    plain.extend([
        Goal::Within(2.0, FLOOR),
        Goal::Allocations(1),
        Goal::Characters(32),
    ]);
    let mut signed = TEAMS.map(|who| Goal::Within(0.8, who)).to_vec();
    signed.extend([Goal::Allocations(1), Goal::Characters(48)]);
    encode_ours(&mut case, &key, plain, signed);
    encode_floor::<16, 22>(&mut case, key.clone());
    encode_peers(&mut case, &key);
    let to_value = |key: &TimestampId| json::encode(&key.to_value());
    encode(
        &mut case,
        BY_HAND_VALUE,
        key.clone(),
        to_value,
        of_value,
        &key,
    );
    encode(
        &mut case,
        BY_HAND_CHRONO,
        chrono.clone(),
        json::encode,
        json::decode,
        &chrono,
    );
    encode(
        &mut case,
        BY_HAND_INTEGER,
        integer.clone(),
        json::encode,
        json::decode,
        &integer,
    );
    encode(
        &mut case,
        POSTCARD,
        integer.clone(),
        postcard::encode,
        postcard::decode,
        &integer,
    );
    case
}

fn encode_text_decimal_uuid() -> Case<'static> {
    let key = text_decimal_uuid();
    let mut case = Case::new("pagination/encode/text_decimal_uuid");
    let plain = vec![Goal::Faster(4.0, BY_HAND), Goal::Allocations(1)];
    encode_ours(&mut case, &key, plain, vec![Goal::Allocations(1)]);
    encode_floor::<53, 71>(&mut case, key.clone());
    encode_peers(&mut case, &key);
    encode(
        &mut case,
        POSTCARD,
        key.clone(),
        postcard::encode,
        postcard::decode,
        &key,
    );
    case
}

fn decode_timestamp_id() -> Case<'static> {
    let (key, chrono, integer) = (timestamp_id(), chrono_id(), integer_id());
    let mut case = Case::new("pagination/decode/timestamp_id");
    let mut plain = TEAMS.map(|who| Goal::Faster(5.0, who)).to_vec();
    plain.push(Goal::Allocations(0));
    let mut signed = TEAMS.map(|who| Goal::Within(0.8, who)).to_vec();
    signed.push(Goal::Allocations(0));
    decode_ours(&mut case, &key, plain, signed);
    decode_floor(&mut case, &key);
    decode_peers(&mut case, &key);
    decode(
        &mut case,
        BY_HAND_VALUE,
        json::encode(&key.to_value()),
        of_value,
        &key,
    );
    decode(
        &mut case,
        BY_HAND_CHRONO,
        json::encode(&chrono),
        json::decode,
        &chrono,
    );
    decode(
        &mut case,
        BY_HAND_INTEGER,
        json::encode(&integer),
        json::decode,
        &integer,
    );
    decode(
        &mut case,
        POSTCARD,
        postcard::encode(&integer),
        postcard::decode,
        &integer,
    );
    case
}

fn decode_text_decimal_uuid() -> Case<'static> {
    let key = text_decimal_uuid();
    let mut case = Case::new("pagination/decode/text_decimal_uuid");
    decode_ours(
        &mut case,
        &key,
        vec![Goal::Faster(4.0, BY_HAND)],
        Vec::new(),
    );
    decode_floor(&mut case, &key);
    decode_peers(&mut case, &key);
    decode(
        &mut case,
        POSTCARD,
        postcard::encode(&key),
        postcard::decode,
        &key,
    );
    case
}

/// How our cursors can be protected. The first entry is what the others' ratios refer to.
fn protections() -> [(&'static str, Pagination); 3] {
    let key = || CursorKey::new([7; 32]).expect("32 bytes are enough");
    [
        (PLAIN, Pagination::plain()),
        (SIGNED, Pagination::signed([key()])),
        (SEALED, Pagination::sealed([key()])),
    ]
}

fn scan<K: Keyset>(pagination: &Pagination, path: &str) -> Scan<K> {
    Scan::new(pagination, None, [path.as_bytes()]).expect("the default order")
}

fn encode_ours<K: PeerKey + Keyset>(
    case: &mut Case<'static>,
    key: &K,
    plain: Vec<Goal>,
    signed: Vec<Goal>,
) {
    for ((who, pagination), goals) in protections().into_iter().zip([plain, signed, Vec::new()]) {
        let (scan, key) = (scan(&pagination, "/items"), key.clone());
        let token = scan.after(&key).expect("the key fits a cursor");
        assert_bound(&pagination, &scan, &token);
        case.add(
            who,
            move || scan.after(black_box(&key)),
            |again| assert_eq!(again.expect("the key fits a cursor"), token),
        )
        .characters(token.len())
        .goals(goals);
    }
}

// Opening checks each value and leaves it where it is; binding reads it once more.
fn decode_ours<K: PeerKey + Keyset>(
    case: &mut Case<'static>,
    key: &K,
    plain: Vec<Goal>,
    signed: Vec<Goal>,
) {
    for ((who, pagination), goals) in protections().into_iter().zip([plain, signed, Vec::new()]) {
        let scan = scan(&pagination, "/items");
        let token = scan.after(key).expect("the key fits a cursor");
        assert_bound(&pagination, &scan, &token);
        case.add(
            who,
            move || scan.open(black_box(&token)),
            |position| assert!(!position.expect("the cursor is its own").is_backward()),
        )
        .goals(goals);
    }
}

fn assert_bound<K: Keyset>(pagination: &Pagination, own: &Scan<K>, token: &str) {
    let other = scan::<K>(pagination, "/others");
    assert!(own.open(token).is_ok());
    assert_eq!(other.open(token).err(), Some(CursorError::OtherQuery));
    assert!(own.open(&token[1..]).is_err());
}

/// What the codecs of the peers ask of a key.
trait PeerKey: Serialize + DeserializeOwned + Clone + PartialEq + Debug + 'static {}

impl<K: Serialize + DeserializeOwned + Clone + PartialEq + Debug + 'static> PeerKey for K {}

fn encode_peers<K: PeerKey>(case: &mut Case<'static>, key: &K) {
    let cursor = graphql::OpaqueCursor(key.clone());
    let from_query = |token: &str| dropshot::decode(&dropshot::query(token));
    encode(case, BY_HAND, key.clone(), json::encode, json::decode, key);
    encode(case, GRAPHQL, cursor, graphql::encode, graphql::decode, key);
    encode(
        case,
        DROPSHOT,
        key.clone(),
        dropshot::encode,
        from_query,
        key,
    );
    encode(
        case,
        BY_HAND_HMAC,
        key.clone(),
        hmac_json::encode,
        hmac_json::decode,
        key,
    );
}

fn decode_peers<K: PeerKey>(case: &mut Case<'static>, key: &K) {
    let cursor = graphql::OpaqueCursor(key.clone());
    let query = dropshot::query(&dropshot::encode(key));
    decode(case, BY_HAND, json::encode(key), json::decode, key);
    decode(
        case,
        GRAPHQL,
        graphql::encode(&cursor),
        graphql::decode,
        key,
    );
    decode(case, DROPSHOT, query, dropshot::decode, key);
    decode(
        case,
        BY_HAND_HMAC,
        hmac_json::encode(key),
        hmac_json::decode,
        key,
    );
}

fn encode<I: 'static, K: PeerKey>(
    case: &mut Case<'static>,
    who: &str,
    input: I,
    encode: impl Fn(&I) -> String + 'static,
    decode: impl Fn(&str) -> K,
    expected: &K,
) {
    let characters = encode(&input).len();
    case.add(
        who,
        move || encode(black_box(&input)),
        |token| assert_eq!(decode(&token), *expected),
    )
    .characters(characters);
}

fn decode<K: PeerKey>(
    case: &mut Case<'static>,
    who: &str,
    token: String,
    decode: impl Fn(&str) -> K + 'static,
    expected: &K,
) {
    case.add(
        who,
        move || decode(black_box(&token)),
        |key| assert_eq!(key, *expected),
    );
}

fn encode_floor<const N: usize, const C: usize>(
    case: &mut Case<'static>,
    key: impl Fixed<N> + Clone + 'static,
) {
    let (on_stack, expected) = (key.clone(), key.fixed());
    case.add(
        FLOOR,
        move || floor::encode(&black_box(&key).fixed()),
        |token| assert_eq!(floor::decode(&token), expected),
    )
    .characters(C);
    case.add(
        FLOOR_STACK,
        move || floor::encode_on_stack::<N, C>(&black_box(&on_stack).fixed()),
        |token| assert_eq!(token, *floor::encode(&expected).as_bytes()),
    )
    .characters(C);
}

fn decode_floor<const N: usize>(case: &mut Case<'static>, key: &impl Fixed<N>) {
    let expected = key.fixed();
    let token = floor::encode(&expected);
    case.add(
        FLOOR_STACK,
        move || floor::decode::<N>(black_box(&token)),
        |bytes| assert_eq!(bytes, expected),
    );
}
