//! The shell of the command line: help, settings, credentials, the dictionary.

mod auth;
mod config;
mod doctor;
mod explain;
mod help;
mod log;
mod prescribe;
mod report;
mod templates;
mod words;
