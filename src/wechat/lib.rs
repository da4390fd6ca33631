//! A client for the WeChat Official Account API.
