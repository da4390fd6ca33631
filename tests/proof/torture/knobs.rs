//! Every knob of the simulator, and what a morning comes to when it is turned: the expectations of the fault matrix.

use wechat_simulator::FaultKind;

/// What a morning of six patients comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The exit code.
    pub exit: i32,
    /// Where the message is that was struck; everybody's, where the run stopped.
    pub state: &'static str,
    /// Whether the run stops, so that what had not left stays queued.
    pub stops: bool,
    /// Requests beyond one for each message; not counted where the fault lasts, nor where others in flight share it.
    pub more: u64,
    /// What the operator reads; nothing at all where it is empty.
    pub says: &'static str,
}

/// One knob.
pub struct Knob {
    /// As its variant is called.
    pub name: &'static str,
    pub kind: FaultKind,
    /// Struck once: a send.
    pub once: End,
    /// Struck for good: every send to one patient.
    pub always: End,
    /// Struck once: a token request.
    pub token_once: End,
    /// Struck for good: every token request from then on.
    pub token_always: End,
}

/// It costs so many requests and nothing else.
const fn sent(more: u64) -> End {
    End { exit: 0, state: "accepted", stops: false, more, says: "" }
}

/// The message ends here, and the others go on.
const fn ends(exit: i32, state: &'static str, says: &'static str) -> End {
    End { exit, state, stops: false, more: 0, says }
}

/// The run stops, and all that has not left stays queued.
const fn stops(exit: i32, says: &'static str) -> End {
    End { exit, state: "queued", stops: true, more: 0, says }
}

const STILL: &str = "still queued";
const DOUBT: &str = "outcome unknown";

/// A fault that passes, whatever it strikes, and while it lasts leaves its message in this state.
const fn passing(name: &'static str, kind: FaultKind, lasting: End) -> Knob {
    let token_always = stops(1, STILL);
    Knob { name, kind, once: sent(1), always: lasting, token_once: sent(0), token_always }
}

/// A refusal that means the same whenever it comes.
const fn refusal(name: &'static str, code: i64, send: End, token: End) -> Knob {
    let kind = FaultKind::Errcode(code);
    Knob { name, kind, once: send, always: send, token_once: token, token_always: token }
}

const ELSEWHERE: &str = "redirects are not followed";
const STALL: u64 = 60_000;

/// The table. `Errcode` stands once for each class of codes.
pub const KNOBS: [Knob; 22] = [
    passing("Busy", FaultKind::Busy, ends(1, "queued", STILL)),
    passing("BadGateway", FaultKind::BadGateway, ends(1, "unknown", DOUBT)),
    passing("HtmlOk", FaultKind::HtmlOk, ends(1, "unknown", DOUBT)),
    passing(
        "Stall accepted",
        FaultKind::Stall { milliseconds: STALL, accepted: true },
        ends(1, "unknown", DOUBT),
    ),
    passing(
        "Stall refused",
        FaultKind::Stall { milliseconds: STALL, accepted: false },
        ends(1, "unknown", DOUBT),
    ),
    passing("CloseAfterAccept", FaultKind::CloseAfterAccept, ends(1, "unknown", DOUBT)),
    passing("CloseBefore", FaultKind::CloseBefore, ends(1, "unknown", DOUBT)),
    passing("MinuteQuota", FaultKind::MinuteQuota, ends(1, "queued", STILL)),
    Knob {
        name: "Duplicate60s",
        kind: FaultKind::Duplicate60s,
        once: sent(1),
        always: ends(1, "queued", STILL),
        token_once: stops(5, "40241"),
        token_always: stops(5, "40241"),
    },
    Knob {
        name: "TextPlain",
        kind: FaultKind::TextPlain,
        once: sent(0),
        always: sent(0),
        token_once: sent(0),
        token_always: sent(0),
    },
    Knob {
        name: "ExpireToken",
        kind: FaultKind::ExpireToken,
        once: sent(1),
        always: ends(1, "queued", STILL),
        token_once: stops(5, "42001"),
        token_always: stops(5, "42001"),
    },
    Knob {
        name: "RevokeToken",
        kind: FaultKind::RevokeToken,
        once: sent(1),
        always: ends(1, "queued", STILL),
        token_once: stops(5, "40001"),
        token_always: stops(5, "40001"),
    },
    Knob {
        name: "Held",
        kind: FaultKind::Held,
        once: ends(0, "held", ""),
        always: ends(0, "held", ""),
        token_once: stops(5, "40252"),
        token_always: stops(5, "40252"),
    },
    Knob {
        name: "TooFrequent",
        kind: FaultKind::TooFrequent,
        once: ends(1, "queued", STILL),
        always: ends(1, "queued", STILL),
        token_once: stops(5, "43117"),
        token_always: stops(5, "43117"),
    },
    Knob {
        name: "DailyQuota",
        kind: FaultKind::DailyQuota,
        once: stops(6, "quota"),
        always: stops(6, "quota"),
        token_once: stops(6, "quota"),
        token_always: stops(6, "quota"),
    },
    Knob {
        name: "Redirect",
        kind: FaultKind::Redirect,
        once: stops(6, ELSEWHERE),
        always: stops(6, ELSEWHERE),
        token_once: stops(6, ELSEWHERE),
        token_always: stops(6, ELSEWHERE),
    },
    refusal("Errcode: patient", 43004, ends(1, "failed", "43004"), stops(5, "43004")),
    refusal("Errcode: message", 47003, ends(1, "failed", "47003"), stops(5, "47003")),
    refusal(
        "Errcode: template",
        40037,
        stops(6, "Template reminder was stopped"),
        stops(5, "40037"),
    ),
    refusal("Errcode: account", 48001, stops(6, "48001"), stops(5, "48001")),
    refusal("Errcode: undocumented", 99_999, ends(1, "failed", "99999"), stops(5, "99999")),
    Knob {
        name: "Errcode: the same token",
        kind: FaultKind::Errcode(40001),
        once: sent(1),
        always: stops(5, "40001"),
        token_once: stops(5, "40001"),
        token_always: stops(5, "40001"),
    },
];
