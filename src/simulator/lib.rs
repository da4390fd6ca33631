//! An in-process WeChat.
