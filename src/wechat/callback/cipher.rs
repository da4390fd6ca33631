//! AES-256-CBC as WeChat uses it for pushes: padding to 32 bytes, and the app id at the end of what is encrypted.
//!
//! Two things that ready-made functions refuse: the published sample keys are base64 whose last digit has bits to spare,
//! and PKCS#7 with a block of 32 pads by more than AES's own 16 bytes.

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::zeroize::Zeroizing;

use super::CallbackError;

/// The padding's block in bytes (official page of message encryption), twice that of AES.
const BLOCK: usize = 32;
/// Random bytes before the message.
const RANDOM: usize = 16;
/// Bytes before the message: the random ones and the message's length.
const HEAD: usize = RANDOM + 4;
/// Base64 digits of an `EncodingAESKey`.
const KEY_DIGITS: usize = 43;

/// Base64 that forgives spare bits and missing padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key of an account's pushes.
pub(super) struct Cipher(Zeroizing<[u8; 32]>);

impl Cipher {
    /// From the 43 characters that the console shows as `EncodingAESKey`.
    pub fn new(encoding_aes_key: &str) -> Result<Self, CallbackError> {
        if encoding_aes_key.len() != KEY_DIGITS {
            return Err(CallbackError::Key);
        }
        let bytes = BASE64.decode(encoding_aes_key).map_err(|_| CallbackError::Key)?;
        let key = <[u8; 32]>::try_from(bytes).map_err(|_| CallbackError::Key)?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// The message in `encrypted`, which must be meant for this app id.
    pub fn decrypt(&self, encrypted: &str, app_id: &str) -> Result<Vec<u8>, CallbackError> {
        let garbled = || CallbackError::Garbled;
        let bytes = BASE64.decode(encrypted.trim()).map_err(|_| garbled())?;
        if bytes.is_empty() || bytes.len() % BLOCK != 0 {
            return Err(garbled());
        }
        let (key, vector) = self.parts();
        let decryptor = cbc::Decryptor::<Aes256>::new(key.into(), vector.into());
        let plain = decryptor.decrypt_padded_vec::<NoPadding>(&bytes).map_err(|_| garbled())?;
        let plain = unpadded(&plain).ok_or_else(garbled)?;
        let (head, rest) = plain.split_at_checked(HEAD).ok_or_else(garbled)?;
        let length = head[RANDOM..].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let (message, owner) = rest.split_at_checked(length).ok_or_else(garbled)?;
        if owner != app_id.as_bytes() {
            return Err(CallbackError::OtherAccount);
        }
        Ok(message.to_vec())
    }

    /// The other way.
    pub fn encrypt(&self, random: [u8; RANDOM], message: &[u8], app_id: &str) -> String {
        let mut plain = random.to_vec();
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        plain.extend(length.to_be_bytes());
        plain.extend(message);
        plain.extend(app_id.as_bytes());
        let pad = BLOCK - plain.len() % BLOCK;
        plain.extend(std::iter::repeat_n(u8::try_from(pad).unwrap_or(0), pad));
        let (key, vector) = self.parts();
        let encryptor = cbc::Encryptor::<Aes256>::new(key.into(), vector.into());
        BASE64.encode(encryptor.encrypt_padded_vec::<NoPadding>(&plain))
    }

    /// The key, and the vector that CBC starts from: the key's first half.
    fn parts(&self) -> (&[u8; 32], &[u8; 16]) {
        let (vector, _) = self.0.as_chunks::<16>();
        (&self.0, &vector[0])
    }
}

/// Without the padding, every byte of which must say how long it is.
fn unpadded(plain: &[u8]) -> Option<&[u8]> {
    let pad = usize::from(*plain.last()?);
    let (rest, padding) = plain.split_at_checked(plain.len().checked_sub(pad)?)?;
    let sound = (1..=BLOCK).contains(&pad) && padding.iter().all(|byte| usize::from(*byte) == pad);
    sound.then_some(rest)
}
