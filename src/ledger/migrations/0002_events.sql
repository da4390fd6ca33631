-- What others are told: each change of a message and each end of a run, written in the change's own transaction and
-- delivered to the webhook afterwards.

-- One row, which counts the events: a column of its own kind would count anew once all are purged.
CREATE TABLE outbox (
    id BIGINT PRIMARY KEY NOT NULL,
    last_sequence BIGINT NOT NULL
);
INSERT INTO outbox (id, last_sequence) VALUES (1, 0);

CREATE TABLE event (
    sequence BIGINT PRIMARY KEY NOT NULL,
    event_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    at TEXT NOT NULL,
    account TEXT NOT NULL,
    run_id TEXT,
    message_id TEXT,
    kind TEXT,
    stage BIGINT,
    appointment_id TEXT,
    start TEXT,
    state TEXT,
    errcode BIGINT,
    reason TEXT,
    msgid BIGINT,
    openid_hash TEXT,
    -- These two only where the settings ask for them.
    patient_id TEXT,
    reference_tail TEXT,
    -- What a run came to.
    exit_code BIGINT,
    accepted BIGINT,
    held BIGINT,
    failed BIGINT,
    unknown BIGINT,
    left_queued BIGINT,
    -- pending, delivered or dead.
    delivery TEXT NOT NULL,
    -- Attempts that failed in their turn.
    attempts BIGINT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    -- Until then somebody else is delivering it.
    lease_until TEXT,
    delivered_at TEXT,
    error TEXT
);
CREATE INDEX event_pending ON event (account, sequence) WHERE delivery = 'pending';
CREATE INDEX event_message ON event (message_id);
CREATE INDEX event_at ON event (at);
