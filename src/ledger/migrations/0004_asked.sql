-- Messages that other programs and people ask for through the service.

-- The id by which whoever asked knows the message, which goes to WeChat too; elsewhere it is made from the key.
ALTER TABLE message ADD COLUMN client_msg_id TEXT;
-- Who asked: the name of an API key.
ALTER TABLE message ADD COLUMN asked_by TEXT;
CREATE INDEX message_client_msg_id ON message (client_msg_id) WHERE client_msg_id IS NOT NULL;
