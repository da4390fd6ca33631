//! A headless Chromium without scripts, driven by its WebDriver; none where there is none.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What an element is called in an answer (WebDriver, §12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long a page may take to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A browser with a folder of its own; dropping it ends it.
pub struct Browser {
    runtime: Runtime,
    http: reqwest::Client,
    /// The address of the session.
    session: String,
    driver: Child,
    base: String,
    _folder: TempDir,
}

impl Browser {
    /// Opens one that visits this server and asks for this language; says why where there is none.
    #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
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
        let mut browser = Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            session: format!("http://127.0.0.1:{port}/session"),
            driver,
            base: base.to_owned(),
            _folder: folder,
        };
        let asked = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let opened = browser.ask(&Method::POST, "", &asked);
        let id = opened["sessionId"].as_str().unwrap_or_else(|| panic!("{opened}"));
        browser.session = format!("{}/{id}", browser.session);
        Some(browser)
    }

    /// A call of the driver, and the value of its answer.
    fn ask(&self, method: &Method, path: &str, body: &Value) -> Value {
        self.try_ask(method, path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn try_ask(&self, method: &Method, path: &str, body: &Value) -> Result<Value, Value> {
        let request = self.http.request(method.clone(), format!("{}{path}", self.session));
        let request =
            if *method == Method::POST { request.body(body.to_string()) } else { request };
        let answer = self.runtime.block_on(async { request.send().await?.text().await });
        let mut answer: Value = serde_json::from_str(&answer.unwrap()).unwrap();
        let value = answer["value"].take();
        if value.get("error").is_some() { Err(value) } else { Ok(value) }
    }

    fn get(&self, path: &str) -> Value {
        self.ask(&Method::GET, path, &Value::Null)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask(&Method::POST, path, body)
    }

    /// The path of what this selector finds first, once it is there: a page may still be on its way.
    fn find(&self, selector: &str) -> String {
        let asked = json!({ "using": "css selector", "value": selector });
        let since = Instant::now();
        loop {
            match self.try_ask(&Method::POST, "/element", &asked) {
                Ok(found) => return format!("/element/{}", found[ELEMENT].as_str().unwrap()),
                Err(error) => assert!(since.elapsed() < PATIENCE, "{selector}: {error}"),
            }
        }
    }

    /// Goes to a path of the server.
    pub fn visit(&self, path: &str) {
        self.post("/url", &json!({ "url": format!("{}{path}", self.base) }));
    }

    /// Types into the field of this name, in the place of what is there.
    pub fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("#{name}"));
        self.post(&format!("{field}/clear"), &json!({}));
        self.post(&format!("{field}/value"), &json!({ "text": text }));
    }

    /// Chooses this value of the list of this name.
    pub fn choose(&self, name: &str, value: &str) {
        let option = self.find(&format!("#{name} option[value='{value}']"));
        self.post(&format!("{option}/click"), &json!({}));
    }

    /// Clicks what this selector finds, and waits for the page that comes of it.
    pub fn click(&self, selector: &str) {
        let before = self.find("html");
        let found = self.find(selector);
        self.post(&format!("{found}/click"), &json!({}));
        let since = Instant::now();
        while self.find("html") == before {
            assert!(since.elapsed() < PATIENCE, "{selector} leads nowhere");
        }
    }

    /// What a person reads on the page.
    pub fn text(&self) -> String {
        let asked = json!({ "using": "css selector", "value": "body" });
        let since = Instant::now();
        loop {
            let text = self.try_ask(&Method::POST, "/element", &asked).and_then(|found| {
                let id = found[ELEMENT].as_str().unwrap();
                self.try_ask(&Method::GET, &format!("/element/{id}/text"), &Value::Null)
            });
            match text {
                Ok(text) => return text.as_str().unwrap().to_owned(),
                // The page was loaded anew in between, which the driver tells in several ways.
                Err(error) => assert!(since.elapsed() < PATIENCE, "{error}"),
            }
        }
    }

    /// How something is drawn.
    pub fn style(&self, selector: &str, property: &str) -> String {
        let found = self.find(selector);
        self.get(&format!("{found}/css/{property}")).as_str().unwrap().to_owned()
    }

    /// How far something reaches to the right, with what sticks out of it.
    pub fn width(&self, selector: &str) -> u64 {
        let found = self.find(selector);
        self.get(&format!("{found}/property/scrollWidth")).as_u64().unwrap()
    }

    /// The path that is shown.
    pub fn path(&self) -> String {
        let url = self.get("/url");
        let url = url.as_str().unwrap().trim_start_matches(&self.base);
        url.split('?').next().unwrap().to_owned()
    }

    /// Keeps a picture of the page in the folder that `WXREMIND_TEST_PICTURES` names, if it names one.
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("WXREMIND_TEST_PICTURES") else { return };
        let picture = self.get("/screenshot");
        let picture = base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap());
        let place = std::path::Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(place, picture.unwrap()).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser that it opened; it may be gone already.
        let request = self.http.delete(&self.session).send();
        let _ = self.runtime.block_on(request);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
