use api_patterns::links::Links;
use serde::Serialize;

#[derive(Serialize, Links)]
#[serde(rename_all = "camelCase")]
#[links(
    base = "/users/{user_id}",
    link(rel = "edit", method = "PUT", fields(user_id, last_name))
)]
struct User {
    user_id: i64,
    #[serde(rename = "surname")]
    last_name: String,
    #[serde(skip)]
    links: u8,
    #[serde(rename(serialize = "hal"))]
    _links: u8,
}

#[derive(Serialize, Links)]
#[links(
    base = "/users/{type}/{id}",
    link(rel = "up", href = "/{type}", when = "self.r#type == \"a\"")
)]
struct Renamed {
    #[serde(rename = "$id", default)]
    id: i64,
    r#type: String,
}

#[derive(Serialize, Links)]
#[links(base = "/users/{id}")]
struct Hidden {
    #[serde(skip)]
    id: i64,
}

fn main() {
    let user = User {
        user_id: 1,
        last_name: "L".to_owned(),
        links: 2,
        _links: 3,
    };
    // The names are those that serde writes.
    let json = serde_json::to_value(&user).unwrap();
    assert_eq!(
        json,
        serde_json::json!({ "userId": 1, "surname": "L", "hal": 3 })
    );
    assert_eq!(user.links, 2);
    assert_eq!(User::DEFINITION.id, "userId");
    assert_eq!(User::DEFINITION.values, ["userId"]);
    let fields = User::DEFINITION.links[1].fields.iter();
    assert_eq!(
        fields.map(|field| field.name).collect::<Vec<_>>(),
        ["userId", "surname"]
    );

    let renamed = Renamed {
        id: 1,
        r#type: "a".to_owned(),
    };
    assert_eq!(Renamed::DEFINITION.id, "$id");
    assert_eq!(Renamed::DEFINITION.values, ["type", "$id"]);
    assert_eq!(renamed.conditions(&()), 1);

    // Without such a member there is nothing to move.
    assert_eq!(Hidden::DEFINITION.id, "");
    assert_eq!(Hidden::DEFINITION.values, [""]);
    let mut id = String::new();
    Hidden { id: 5 }.write_id(&mut id);
    assert_eq!(id, "5");
}
