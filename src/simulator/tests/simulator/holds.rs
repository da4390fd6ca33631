//! Holding sends, so that a test can act while they are under way.

use crate::support::{OPENID, Wechat, json_of, visit, visit_with};
use wechat_simulator::{Moment, Settings, Simulator};

#[tokio::test]
async fn held_sends_wait_on_arrival_or_for_their_answer() {
    let wechat = Wechat::start().await;
    for (moment, arrived) in [(Moment::Arrival, 0), (Moment::Answer, 3)] {
        wechat.simulator().reset();
        let hold = wechat.simulator().hold_after(moment, 0);
        let sends: Vec<_> = (0..3)
            .map(|n| {
                tokio::spawn(wechat.send_request(&visit_with(OPENID, &format!("m{n}"))).send())
            })
            .collect();
        hold.waiting(3).await;
        let counts = wechat.simulator().requests();
        assert_eq!((counts.waiting, counts.most_in_flight, counts.most_for_one_openid), (3, 3, 3));
        assert_eq!(wechat.simulator().messages().len(), arrived);
        hold.release();
        for send in sends {
            assert_eq!(json_of(send.await.unwrap().unwrap()).await["errcode"], 0);
        }
        assert_eq!(wechat.simulator().messages().len(), 3);
    }
}

#[tokio::test]
async fn some_sends_may_pass_before_the_hold() {
    let wechat = Wechat::start().await;
    let hold = wechat.simulator().hold_after(Moment::Arrival, 2);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0);
    assert_eq!(wechat.send_code(&visit(OPENID)).await, 0);
    let third = tokio::spawn(wechat.send_request(&visit(OPENID)).send());
    hold.waiting(1).await;
    assert_eq!(wechat.simulator().messages().len(), 2);
    third.abort();
    drop(hold);
}

#[test]
fn a_simulator_on_its_own_thread_stops_with_its_handle_even_while_it_holds() {
    let running = Simulator::new(Settings::default()).start_on_thread().unwrap();
    let address = running.base_url().replace("http://", "");
    let hold = running.simulator().hold();
    let simulator = running.simulator().clone();
    std::net::TcpStream::connect(&address).unwrap();
    drop(running);
    // The port is free again once the server is gone; a retry needs no clock.
    while std::net::TcpStream::connect(&address).is_ok() {
        std::thread::yield_now();
    }
    drop(hold);
    assert_eq!(simulator.requests().sends, 0);
}

#[tokio::test]
async fn a_listener_that_others_can_reach_is_refused() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let served = Simulator::new(Settings::default()).serve(listener, std::future::pending()).await;
    assert_eq!(served.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}
