//! Tests of the database source without a server.
