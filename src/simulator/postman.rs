//! Delivers pushes to the callback URL, and again while they are not acknowledged, as WeChat does.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::push::{Letter, Push};
use crate::simulator::Simulator;

/// How often a push that was not acknowledged is repeated (official page of passive replies: three times).
const REPETITIONS: usize = 3;
/// How many are under way at once.
const AT_ONCE: usize = 32;

/// Delivers what the simulator pushes, until it is dropped.
pub(crate) async fn run(simulator: Simulator) {
    // No certificate can be missing for plain http on this machine; without a client nothing is pushed.
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let Ok(client) = client.build() else { return };
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut flying = tokio::task::JoinSet::new();
    loop {
        let Some(push) = simulator.next_push().await else { continue };
        while flying.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (simulator, client) = (simulator.clone(), client.clone());
        flying.spawn(async move {
            deliver(&simulator, &client, push).await;
            drop(place);
        });
    }
}

async fn deliver(simulator: &Simulator, client: &reqwest::Client, mut push: Push) {
    let done = push.done.take();
    let mut acknowledged = false;
    for attempt in 0..=REPETITIONS {
        let Some((letter, patience)) = simulator.letter(&push) else { break };
        if attempt > 0 {
            simulator.state().pushes.repeated += 1;
        }
        let asked = tokio::time::Instant::now();
        acknowledged = post(client, letter, patience).await;
        if acknowledged {
            break;
        }
        // How soon WeChat repeats is not documented: here, when its patience has ended.
        tokio::time::sleep_until(asked + patience).await;
    }
    let pushes = &mut simulator.state().pushes;
    pushes.waiting -= 1;
    pushes.acknowledged += u64::from(acknowledged);
    pushes.given_up += u64::from(!acknowledged);
    if let Some(done) = done {
        // A send that no longer waits for it does not need to know.
        let _ = done.send(());
    }
}

/// Whether the receiver acknowledged: with `success` or with nothing, within the patience.
async fn post(client: &reqwest::Client, letter: Letter, patience: Duration) -> bool {
    let answer = client.post(letter.url).body(letter.body).timeout(patience).send().await;
    match answer {
        Ok(answer) if answer.status() == 200 => {
            answer.text().await.is_ok_and(|text| matches!(text.trim(), "" | "success"))
        }
        _ => false,
    }
}
