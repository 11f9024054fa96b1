use std::collections::HashMap;
use std::time::Instant;
use api_patterns::problem::Json;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Item { id: Uuid, name: String, price: i64, tags: Vec<String>, nested: Option<Box<Item>> }
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Strict { a: u8 }

fn time<T: DeserializeOwned>(name: &str, body: &str) {
    let t = Instant::now();
    let v: serde_json::Value = serde_json::from_str(body).unwrap();
    let parse = t.elapsed();
    drop(v);
    let t = Instant::now();
    let n = Json::<T>::from_bytes(body.as_bytes()).err().map(|p| p.get_errors().len());
    let all = t.elapsed();
    println!("{name}: {} bytes, value parse {parse:?}, ours {all:?} = {:.1}x, errors {n:?}", body.len(), all.as_secs_f64() / parse.as_secs_f64());
}

#[test]
fn cost() {
    let rep = |one: &str, n: usize| format!("[{}]", vec![one; n].join(","));
    time::<Vec<u8>>("wrong ints", &rep("\"x\"", 500_000));
    let mut late = vec!["1"; 1_000_000]; late.push("\"x\"");
    time::<Vec<u8>>("late wrong int", &format!("[{}]", late.join(",")));
    time::<Vec<Item>>("empty items", &rep("{}", 600_000));
    let mut late = vec!["null"; 400_000]; late.push("5");
    time::<Vec<Option<Item>>>("late item", &format!("[{}]", late.join(",")));
    time::<Vec<Uuid>>("bad uuids", &rep("\"x\"", 500_000));
    let good = r#"{"id":"00000000-0000-0000-0000-000000000000","name":"a","price":1,"tags":[]}"#;
    let mut late = vec![good; 20_000]; late.push("{}");
    time::<Vec<Item>>("late empty item", &format!("[{}]", late.join(",")));
    let bad = r#"{"id":"x","name":1,"price":"1","tags":[]}"#;
    time::<Vec<Item>>("bad items", &rep(bad, 40_000));
    let members: Vec<_> = (0..100_000).map(|n| format!("\"{n}\": \"x\"")).collect();
    let object = format!("{{{}}}", members.join(","));
    time::<HashMap<Uuid, Uuid>>("bad map", &object);
    time::<HashMap<String, Uuid>>("bad map values", &object);
    time::<Strict>("unknown members", &object);
    time::<Vec<Strict>>("unknown members small", &rep(r#"{"a":1,"b":2}"#, 100_000));
    let deep = format!("{}{}{}", r#"{"nested":"#.repeat(100), "1", "}".repeat(100));
    time::<Item>("deep", &deep);
    time::<Vec<Item>>("deep many", &rep(&deep, 1500));
    time::<Item>("small", r#"{"id":"x","name":1}"#);
}
