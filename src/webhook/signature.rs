//! Signing as Standard Webhooks has it (specification 1.0.0, "Signature scheme"): receivers verify it with the
//! libraries there are for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

/// The header `webhook-signature`: a signature by each key, divided by spaces, so that keys can be changed without a
/// pause; `None` without keys. `at` is in seconds since 1970.
pub(super) fn sign(keys: &[SecretSlice<u8>], id: &str, at: i64, body: &str) -> Option<String> {
    let signed = |key: &SecretSlice<u8>| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).ok()?;
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    // A key of any length makes a HMAC, so none is left out.
    let signatures: Vec<String> = keys.iter().filter_map(signed).collect();
    (!signatures.is_empty()).then(|| signatures.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(base64: &str) -> SecretSlice<u8> {
        STANDARD.decode(base64).unwrap().into()
    }

    #[test]
    fn the_published_vector() {
        // libraries/javascript/src/webhook.test.ts of standard-webhooks/standard-webhooks, "sign function works".
        let keys = [key("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = sign(&keys, id, 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn our_own_vector_with_chinese_in_the_body() {
        // Made with Python: base64(hmac.new(b"wxremind sample key, no secret", signed, sha256).digest()).
        let keys = [key("d3hyZW1pbmQgc2FtcGxlIGtleSwgbm8gc2VjcmV0")];
        let id = "01935a7e-1b5d-7000-8000-000000000001";
        let signed = sign(&keys, id, 1_764_000_000, "{\"reason\":\"未关注\"}");
        assert_eq!(signed.as_deref(), Some("v1,WzvBTjgagx3SvszaIgRu4nNsV0M16PLAQe/9my7mW6w="));
    }

    #[test]
    fn two_keys_give_two_signatures_and_no_key_gives_none() {
        let keys = ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "d3hyZW1pbmQgc2FtcGxlIGtleSwgbm8gc2VjcmV0"];
        let both = sign(&keys.map(key), "a", 1, "{}").unwrap();
        let each = keys.map(|one| sign(&[key(one)], "a", 1, "{}").unwrap());
        assert_eq!(both, each.join(" "));
        assert_eq!(sign(&[], "a", 1, "{}"), None);
    }
}
