//! Ids as WeChat makes them: msgids, request ids, tokens, template ids.

use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};

/// msgids seen in the wild lie about here, beyond 2^53.
const FIRST_MSGID: i64 = 3_717_005_636_572_528_642;
/// A real token's length; the official page asks for room for 512 (`/cgi-bin/stable_token`).
const TOKEN_LENGTH: usize = 136;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A source of ids.
pub(crate) struct Ids {
    seed: u64,
    next_msgid: i64,
}

impl Default for Ids {
    fn default() -> Self {
        // A new seed each time: the token of an earlier simulator must not work here.
        Self { seed: RandomState::new().hash_one(std::process::id()), next_msgid: FIRST_MSGID }
    }
}

impl Ids {
    pub(crate) fn msgid(&mut self) -> i64 {
        self.next_msgid += 1;
        self.next_msgid
    }

    /// The tail of every errmsg: the first group is the time.
    pub(crate) fn rid(&mut self, unix: u64) -> String {
        let noise = self.noise();
        format!("{:08x}-{:08x}-{:08x}", unix & 0xffff_ffff, noise >> 32, noise & 0xffff_ffff)
    }

    pub(crate) fn token(&mut self) -> String {
        let mut token = String::with_capacity(TOKEN_LENGTH);
        let _ = write!(token, "{}_", 60 + self.noise() % 40);
        self.fill(token, TOKEN_LENGTH)
    }

    /// A push's nonce: some digits.
    pub(crate) fn nonce(&mut self) -> String {
        (self.noise() % 2_000_000_000).to_string()
    }

    /// What goes before an encrypted push.
    pub(crate) fn random(&mut self) -> [u8; 16] {
        (u128::from(self.noise()) << 64 | u128::from(self.noise())).to_be_bytes()
    }

    pub(crate) fn template_id(&mut self) -> String {
        self.fill(String::new(), 43)
    }

    fn fill(&mut self, mut text: String, length: usize) -> String {
        while text.len() < length {
            let index = usize::try_from(self.noise() % 64).unwrap_or(0);
            text.push(char::from(ALPHABET[index]));
        }
        text
    }

    /// SplitMix64: ids need to differ, not to be secret.
    fn noise(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
