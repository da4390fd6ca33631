//! How WeChat signs and encrypts what it pushes: a second reading of the documentation, beside any client's.

use std::fmt::Write as _;

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};

/// The 43 characters end in spare bits, and lack the last `=`.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `hex(sha1(sorted parts))` (official page of message pushes).
pub(crate) fn signature(parts: &[&str]) -> String {
    let mut sorted: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    sorted.sort_unstable();
    let digest = Sha1::digest(sorted.concat());
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The key behind an `EncodingAESKey`; `None` when it cannot be one.
pub(crate) fn key(encoding_aes_key: &str) -> Option<[u8; 32]> {
    BASE64.decode(encoding_aes_key).ok()?.try_into().ok()
}

/// AES-256-CBC over random bytes, length, text and app id, padded to 32 bytes, in base64 (official page of message
/// encryption).
pub(crate) fn seal(key: &[u8; 32], random: [u8; 16], text: &str, app_id: &str) -> String {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut plain = [&random[..], &length, text.as_bytes(), app_id.as_bytes()].concat();
    let missing = 32 - plain.len() % 32;
    plain.resize(plain.len() + missing, u8::try_from(missing).unwrap_or(0));
    let mut vector = [0; 16];
    vector.copy_from_slice(&key[..16]);
    let encryptor = cbc::Encryptor::<Aes256>::new(&(*key).into(), &vector.into());
    BASE64.encode(encryptor.encrypt_padded_vec::<NoPadding>(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_official_page_comes_out() {
        let text = r#"{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}"#;
        let key = key(&"A".repeat(43)).unwrap();
        let sealed = seal(&key, *b"a8eedb185eb2fecf", text, "wxba5fad812f8e6fb9");
        assert_eq!(
            signature(&["AAAAA", "1714112445", "415670741", &sealed]),
            "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
        );
        assert_eq!(
            signature(&["AAAAA", "1714036504", "1514711492"]),
            "f464b24fc39322e44b38aa78f5edd27bd1441696"
        );
    }
}
