//! The connector's definition for the Power Platform says what the server does, and keeps that ecosystem's rules.
//!
//! The rules are those of microsoft/PowerPlatformConnectors: its README, its schemas, the checks of its pull requests.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use wechat_simulator::{PushMode, TEMPLATE_REMINDER};

use super::clinic::{Clinic, openid, wait};
use crate::support::serving::{API_KEY, Serving};

const PATH: &str = "/v1/messages";

fn definition() -> Value {
    serde_json::from_str(include_str!("../../examples/power-platform/apiDefinition.swagger.json"))
        .unwrap()
}

fn properties() -> Value {
    serde_json::from_str(include_str!("../../examples/power-platform/apiProperties.json")).unwrap()
}

fn names<'a>(all: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    all.into_iter().map(str::to_owned).collect()
}

fn keys(object: &Value) -> BTreeSet<String> {
    names(object.as_object().unwrap_or(&Map::new()).keys().map(String::as_str))
}

fn texts(list: &Value) -> BTreeSet<String> {
    names(list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()))
}

/// What an operation's answers are made of: every status seen, and the last body of each.
#[derive(Default)]
struct Seen(std::collections::BTreeMap<String, Value>);

impl Seen {
    fn note(&mut self, answer: &(u16, String)) -> Value {
        let body: Value = serde_json::from_str(&answer.1).unwrap_or_default();
        self.0.insert(answer.0.to_string(), body.clone());
        body
    }

    /// The same statuses as the definition has, each with a body of its schema's properties. `elsewhere` are statuses
    /// that no test of this one brings about.
    fn assert_defined(&self, operation: &Value, elsewhere: &[&str]) {
        let defined: BTreeSet<String> = keys(&operation["responses"]);
        let seen: BTreeSet<String> =
            self.0.keys().cloned().chain(elsewhere.iter().map(|one| (*one).to_owned())).collect();
        assert_eq!(seen, defined);
        let definition = definition();
        for (status, body) in &self.0 {
            let schema = operation["responses"][status]["schema"]["$ref"].as_str().unwrap();
            let schema = &definition["definitions"][schema.rsplit('/').next().unwrap()];
            let (found, known) = (keys(body), keys(&schema["properties"]));
            let required = texts(&schema["required"]);
            assert!(found.is_subset(&known) && required.is_subset(&found), "{status}: {body}");
        }
    }
}

fn body() -> Value {
    let text = |text: &str| json!({ "value": text, "color": "#173177" });
    json!({
        "touser": openid(1), "template_id": TEMPLATE_REMINDER, "url": "https://a.example", "client_msg_id": "1",
        "data": { "first": text("a"), "keyword1": text("b"), "keyword2": text("c"), "keyword3": text("d"), "remark": text("e") },
    })
}

/// A clinic with a key that may send only, and one that may do nothing here.
fn clinic() -> (Clinic, String, String) {
    let clinic = Clinic::new();
    let mut made = ["send", "receipts"].map(|scope| {
        let made = clinic.run(["serve", "key", scope, "--scope", scope, "--json"]).expect(0).json();
        let lines =
            format!("[serve.keys.{scope}]\nhash = {}\nscopes = {}\n", made["hash"], made["scopes"]);
        (made["key"].as_str().unwrap().to_owned(), lines)
    });
    clinic.set(&format!(
        "[send]\nwait_scale = 0.01\n[serve]\ncalls_per_minute = 60\n{}{}",
        made[0].1, made[1].1
    ));
    (clinic, std::mem::take(&mut made[0].0), std::mem::take(&mut made[1].0))
}

#[test]
fn what_the_definition_says_of_sending_is_so() {
    let (clinic, sender, other) = clinic();
    let serving = Serving::start(&clinic, PushMode::Plain);
    let post = |key: &str, body: String| wait(serving.post(PATH, body, &[("x-api-key", key)]));
    let operation = &definition()["paths"][PATH]["post"];
    let schema = &definition()["definitions"]["NewMessage"];
    let mut seen = Seen::default();
    seen.note(&post(&sender, body().to_string()));
    seen.note(&post(&sender, body().to_string()));
    let mut changed = body();
    changed["url"] = "https://b.example".into();
    seen.note(&post(&sender, changed.to_string()));
    seen.note(&post("guess", body().to_string()));
    seen.note(&post(&other, body().to_string()));
    seen.note(&post(&sender, "{".to_owned()));
    seen.note(&post(&sender, " ".repeat(70_000)));
    // Every property is taken, and no other.
    let mut more = body();
    more["topcolor"] = "#000000".into();
    let said = seen.note(&post(&sender, more.to_string()));
    let taken = said["message"].as_str().unwrap().split_once("; ").unwrap().1;
    let taken = names(taken.trim_end_matches(" are.").split(", "));
    assert_eq!(taken, keys(&schema["properties"]));
    let data = &schema["properties"]["data"];
    assert!(keys(&data["properties"]) == keys(&body()["data"]));
    for property in taken {
        let mut without = body();
        without.as_object_mut().unwrap().remove(&property);
        without["client_msg_id"] =
            if property == "client_msg_id" { Value::Null } else { format!("no-{property}").into() };
        let (status, said) = post(&sender, without.to_string());
        let required = texts(&schema["required"]).contains(&property);
        assert_eq!(status, if required { 422 } else { 202 }, "{property}: {said}");
    }
    while seen.0.len() < 9 {
        seen.note(&post(&sender, body().to_string()));
    }
    drop(serving);
    let serving = Serving::with(&clinic, PushMode::Plain, &[("WXREMIND_APP_SECRET", "")]);
    seen.note(&wait(serving.post(PATH, body().to_string(), &[("x-api-key", &sender)])));
    seen.assert_defined(operation, &[]);
}

#[test]
fn what_the_definition_says_of_the_list_is_so() {
    let (clinic, sender, _) = clinic();
    let serving = Serving::start(&clinic, PushMode::Plain);
    let get = |query: &str, key: &str| wait(serving.get_with(&format!("{PATH}{query}"), key));
    let operation = &definition()["paths"][PATH]["get"];
    assert_eq!(wait(serving.post(PATH, body().to_string(), &[("x-api-key", &sender)])).0, 202);
    let mut seen = Seen::default();
    let page = seen.note(&get("", API_KEY));
    let message = &definition()["definitions"]["Message"]["properties"];
    assert_eq!(keys(&page["messages"][0]), keys(message));
    for parameter in operation["parameters"].as_array().unwrap() {
        let name = parameter["name"].as_str().unwrap();
        let (status, said) = get(&format!("?{name}="), API_KEY);
        assert_eq!(status, 200, "{name}: {said}");
    }
    seen.note(&get("?page=2", API_KEY));
    seen.note(&get("?limit=0", API_KEY));
    seen.note(&get("", "guess"));
    seen.note(&get("", &sender));
    while seen.0.len() < 6 {
        seen.note(&get("?limit=1", API_KEY));
    }
    // While the record is away.
    seen.assert_defined(operation, &["503"]);
    let paths = definition()["paths"].as_object().unwrap().len();
    assert_eq!((paths, keys(&definition()["paths"][PATH])), (1, names(["get", "post"])));
}

/// Every parameter and property, with its place.
fn described(at: &str, value: &Value, all: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let at = format!("{at}/{key}");
                if key == "properties" {
                    let each = value.as_object().unwrap();
                    all.extend(
                        each.iter().map(|(name, value)| (format!("{at}/{name}"), value.clone())),
                    );
                }
                if key == "parameters" {
                    let each = value.as_array().unwrap();
                    all.extend(
                        each.iter().map(|value| (format!("{at}/{}", value["name"]), value.clone())),
                    );
                }
                described(&at, value, all);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| described(at, value, all)),
        _ => {}
    }
}

#[test]
fn the_definition_keeps_the_ecosystems_rules() {
    let definition = definition();
    assert_eq!(definition["swagger"], "2.0");
    assert_eq!(definition["schemes"], json!(["https"]));
    let metadata = definition["x-ms-connector-metadata"].as_array().unwrap();
    let has = |name: &str| metadata.iter().any(|one| one["propertyName"] == name);
    assert!(has("Website") && has("Privacy policy") && has("Categories"));
    let sentence = |text: &Value| text.as_str().is_some_and(|text| text.ends_with('.'));
    let mut all = Vec::new();
    described("", &definition, &mut all);
    assert!(all.len() > 40);
    for (at, one) in &all {
        assert!(sentence(&one["description"]), "{at}: a description that ends with a full stop");
        let summary = one["x-ms-summary"].as_str().unwrap_or_else(|| panic!("{at}: x-ms-summary"));
        assert!(!summary.ends_with('.') && summary.len() <= 80, "{at}");
        let visibility = one["x-ms-visibility"].as_str().unwrap_or("none");
        assert!(["none", "important", "advanced", "internal"].contains(&visibility), "{at}");
    }
    let mut ids = BTreeSet::new();
    for operation in definition["paths"][PATH].as_object().unwrap().values() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(
            id.starts_with(|c: char| c.is_ascii_uppercase())
                && id.chars().all(char::is_alphanumeric)
        );
        assert!(ids.insert(id.to_owned()));
        let summary = operation["summary"].as_str().unwrap();
        assert!(
            !summary.ends_with('.') && summary.len() <= 80 && sentence(&operation["description"])
        );
        for response in operation["responses"].as_object().unwrap().values() {
            assert!(sentence(&response["description"]) && response["schema"].is_object());
        }
    }
}

#[test]
fn the_connections_properties_and_the_readme_keep_the_ecosystems_rules() {
    let whole = properties();
    assert_eq!(keys(&whole), names(["properties"]));
    let properties = &whole["properties"];
    let allowed = [
        "iconBrandColor",
        "connectionParameters",
        "capabilities",
        "policyTemplateInstances",
        "publisher",
        "stackOwner",
    ];
    assert!(keys(properties).is_subset(&names(allowed)));
    assert_eq!(properties["iconBrandColor"], "#da3b01");
    // The header of the definition is filled from the parameter of the same name.
    let security = keys(&definition()["securityDefinitions"]);
    assert_eq!(security, names(["api_key"]));
    assert_eq!(definition()["securityDefinitions"]["api_key"]["name"], "X-API-Key");
    assert_eq!(properties["connectionParameters"]["api_key"]["type"], "securestring");
    for parameter in properties["connectionParameters"].as_object().unwrap().values() {
        assert!(parameter["uiDefinition"]["description"].as_str().unwrap().ends_with('.'));
    }
    let policy = &properties["policyTemplateInstances"][0];
    assert_eq!(keys(policy), names(["templateId", "title", "parameters"]));
    let url = &policy["parameters"]["x-ms-apimTemplateParameter.urlTemplate"];
    assert_eq!(
        (&policy["templateId"], url),
        (&"dynamichosturl".into(), &"https://@connectionParameters('host')".into())
    );
    let readme = include_str!("../../examples/power-platform/readme.md");
    for section in [
        "Publisher",
        "Prerequisites",
        "Supported Operations",
        "Obtaining Credentials",
        "Known Issues and Limitations",
        "Frequently Asked Questions",
        "Getting Started",
        "Deployment Instructions",
    ] {
        assert!(readme.contains(&format!("\n## {section}")), "{section}");
    }
    for operation in definition()["paths"][PATH].as_object().unwrap().values() {
        assert!(readme.contains(&format!("\n### {}\n", operation["summary"].as_str().unwrap())));
    }
}
