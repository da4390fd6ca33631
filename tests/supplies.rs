//! What the program is built of: every crate from crates.io, under a licence that `deny.toml` allows, and none that it
//! bans. `cargo deny check` asks the same and the advisories besides, which need the network.

use std::process::Command;

use serde_json::Value;

/// All packages of the lock file, as Cargo tells them without the network; they are a few more than are built.
fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let words = ["metadata", "--format-version", "1", "--locked", "--offline", "--all-features"];
    let told = Command::new(cargo).current_dir(env!("CARGO_MANIFEST_DIR")).args(words).output();
    let told = told.unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    told["packages"].as_array().unwrap().clone()
}

fn texts(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned())
}

/// `deny.toml`, as JSON has it.
fn rules() -> Value {
    toml::from_str(include_str!("../deny.toml")).unwrap()
}

#[test]
fn every_crate_is_from_the_registry_and_may_be_used() {
    let rules = rules();
    let allowed: Vec<String> = texts(&rules["licenses"]["allow"]).collect();
    let banned = rules["bans"]["deny"].as_array().unwrap().iter().map(|one| &one["crate"]);
    let banned: Vec<&Value> = banned.collect();
    let mut breaches = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let source = package["source"].as_str();
        if source
            .is_some_and(|source| source != "registry+https://github.com/rust-lang/crates.io-index")
        {
            breaches.push(format!("{name} is from elsewhere: {source:?}"));
        }
        if banned.contains(&&package["name"]) {
            breaches.push(format!("{name} is banned"));
        }
        let licence = package["license"].as_str().unwrap_or_default();
        let expression = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX);
        let may = expression.is_ok_and(|expression| {
            expression.evaluate(|required| allowed.contains(&required.to_string()))
        });
        if !may {
            breaches.push(format!("{name} is under {licence:?}"));
        }
    }
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}
