//! A headless Chromium without scripts, driven by its WebDriver; none where there is none.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A browser with a folder of its own; dropping it ends it.
pub struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    driver: Child,
    base: String,
    _folder: TempDir,
}

impl Browser {
    /// Opens one that visits this server and asks for this language; says why where there is none.
    pub fn open(base: &str, language: &str, size: (u32, u32)) -> Option<Self> {
        let started = Command::new("chromedriver")
            .args(["--port=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = started else {
            eprintln!("left out: there is no chromedriver (Debian's package chromium-driver)");
            return None;
        };
        let said = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = said.map_while(Result::ok).find_map(|line| {
            line.strip_prefix("ChromeDriver was started successfully on port ")
                .map(|port| port.trim_end_matches('.').to_owned())
        });
        let port = port.expect("chromedriver says where it listens");
        let folder = tempfile::Builder::new().prefix("browser-").tempdir().unwrap();
        let (width, height) = size;
        let arguments = json!([
            "--headless=new",
            // Root may not use the sandbox; the only pages are those of the test.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--no-proxy-server",
            "--hide-scrollbars",
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", folder.path().display()),
        ]);
        // 2 forbids scripts: the page must work without.
        let preferences = json!({
            "profile.managed_default_content_settings.javascript": 2,
            "intl.accept_languages": language,
        });
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments, "prefs": preferences },
        });
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let serde_json::Value::Object(capabilities) = capabilities else { unreachable!() };
        let client = runtime.block_on(
            ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities)
                .connect(&format!("http://127.0.0.1:{port}")),
        );
        let client = Some(client.expect("chromedriver opens a browser"));
        Some(Self { runtime, client, driver, base: base.to_owned(), _folder: folder })
    }

    fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    /// Goes to a path of the server.
    pub fn visit(&self, path: &str) {
        self.runtime.block_on(self.client().goto(&format!("{}{path}", self.base))).unwrap();
    }

    /// Types into the field of this name, in the place of what is there.
    pub fn fill(&self, name: &str, text: &str) {
        self.runtime.block_on(async {
            let field = self.client().find(Locator::Id(name)).await.unwrap();
            field.clear().await.unwrap();
            field.send_keys(text).await.unwrap();
        });
    }

    /// Chooses this value of the list of this name.
    pub fn choose(&self, name: &str, value: &str) {
        self.runtime.block_on(async {
            let list = self.client().find(Locator::Id(name)).await.unwrap();
            list.select_by_value(value).await.unwrap();
        });
    }

    /// Clicks what this selector finds.
    pub fn click(&self, selector: &str) {
        self.runtime.block_on(async {
            let found = self.client().find(Locator::Css(selector)).await;
            found.unwrap_or_else(|error| panic!("{selector}: {error}")).click().await.unwrap();
        });
    }

    /// What a person reads on the page.
    pub fn text(&self) -> String {
        self.runtime.block_on(async {
            self.client().find(Locator::Css("body")).await.unwrap().text().await.unwrap()
        })
    }

    /// How something is drawn.
    pub fn style(&self, selector: &str, property: &str) -> String {
        self.runtime.block_on(async {
            let found = self.client().find(Locator::Css(selector)).await.unwrap();
            found.css_value(property).await.unwrap()
        })
    }

    /// How far something reaches to the right, with what sticks out of it.
    pub fn width(&self, selector: &str) -> f64 {
        self.runtime.block_on(async {
            let found = self.client().find(Locator::Css(selector)).await.unwrap();
            let reaches = found.prop("scrollWidth").await.unwrap();
            reaches.and_then(|width| width.parse().ok()).unwrap_or_default()
        })
    }

    /// The path that is shown.
    pub fn path(&self) -> String {
        self.runtime.block_on(self.client().current_url()).unwrap().path().to_owned()
    }

    /// Keeps a picture of the page in the folder that `WXREMIND_TEST_PICTURES` names, if it names one.
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("WXREMIND_TEST_PICTURES") else { return };
        let picture = self.runtime.block_on(self.client().screenshot()).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser that it opened.
        if let Some(client) = self.client.take() {
            let _ = self.runtime.block_on(client.close());
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
