//! Stale tokens: one fetch for all who hold one, one replay for each.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::account::Account;
use super::{client, message};
use crate::{Class, Client, Outcome};

/// Sends `count` messages that all begin at the same moment.
async fn send_at_once(client: &Client, count: usize) {
    let barrier = Arc::new(Barrier::new(count));
    let mut sends = JoinSet::new();
    for _ in 0..count {
        let (client, barrier) = (client.clone(), barrier.clone());
        sends.spawn(async move {
            barrier.wait().await;
            client.send(&message()).await
        });
    }
    while let Some(sent) = sends.join_next().await {
        sent.unwrap().unwrap();
    }
}

#[tokio::test]
async fn sixty_four_sends_and_revoked_tokens_make_one_fetch_for_each_revocation() {
    let account = Account::default();
    let server = account.start().await;
    let client = client(&server.uri());
    for revocations in 0..5 {
        send_at_once(&client, 64).await;
        assert_eq!((account.fetches(), account.sent()), (revocations + 1, 64 * (revocations + 1)));
        account.revoke();
    }
}

#[tokio::test]
async fn the_very_same_token_refused_again_stops() {
    let account = Account { refuses_all: true, ..Account::default() };
    let server = account.start().await;
    let error = client(&server.uri()).send(&message()).await.unwrap_err();
    assert!(error.token_refused() && !error.at_token_endpoint());
    assert_eq!(
        (error.class(), error.outcome(), error.errcode()),
        (Class::Account, Outcome::Refused, Some(40001))
    );
    assert_eq!(account.fetches(), 2);
    assert_eq!(server.received_requests().await.unwrap().len(), 4, "one replay, no more");
}

#[tokio::test]
async fn a_different_token_refused_on_the_replay_backs_off() {
    let account = Account { refuses_all: true, rotates: true, ..Account::default() };
    let server = account.start().await;
    let error = client(&server.uri()).send(&message()).await.unwrap_err();
    assert!(!error.token_refused());
    assert_eq!((error.class(), error.outcome()), (Class::Backoff, Outcome::Refused));
    assert_eq!(account.fetches(), 2);
}

#[tokio::test]
async fn an_account_that_refuses_every_token_is_not_stormed() {
    let account = Account { refuses_all: true, ..Account::default() };
    let server = account.start().await;
    let client = client(&server.uri());
    client.token().await.unwrap();
    let barrier = Arc::new(Barrier::new(32));
    let mut sends = JoinSet::new();
    for _ in 0..32 {
        let (client, barrier) = (client.clone(), barrier.clone());
        sends.spawn(async move {
            let message = message();
            barrier.wait().await;
            client.send(&message).await.unwrap_err().token_refused()
        });
    }
    assert!(sends.join_all().await.into_iter().all(|refused| refused));
    let requests = server.received_requests().await.unwrap().len() - account.fetches();
    assert_eq!(requests, 64, "each message is tried and replayed once");
}

#[tokio::test]
async fn clones_share_the_token_and_its_time_runs() {
    let account = Account::default();
    let server = account.start().await;
    let client = client(&server.uri());
    let first = client.token().await.unwrap();
    let second = client.clone().token().await.unwrap();
    assert_eq!(account.fetches(), 1);
    assert!(second.expires_in <= first.expires_in && first.expires_in.as_secs() <= 7200);
}
