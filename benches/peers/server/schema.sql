-- The gateway's tables.

CREATE TABLE accounts (
  id text PRIMARY KEY,
  requests_per_minute integer NOT NULL CHECK (requests_per_minute > 0),
  credits bigint NOT NULL CHECK (credits >= 0)
);

CREATE TABLE api_keys (
  id text PRIMARY KEY,
  hash bytea NOT NULL UNIQUE,
  account_id text NOT NULL REFERENCES accounts,
  scopes text[] NOT NULL,
  expires_at timestamptz,
  -- The theoretical arrival time of GCRA: until when the key's requests so far would have taken at its rate.
  busy_until timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE instances (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts,
  number_id text NOT NULL UNIQUE,
  access_token bytea NOT NULL, -- encrypted
  connected boolean NOT NULL DEFAULT true
);

CREATE TABLE webhooks (
  id text PRIMARY KEY,
  instance_id text NOT NULL REFERENCES instances,
  url text NOT NULL,
  secret bytea NOT NULL, -- encrypted
  events text[] NOT NULL
);
CREATE INDEX webhooks_of_instance ON webhooks (instance_id);

CREATE TABLE messages (
  id text PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY, -- the order of acceptance
  account_id text NOT NULL REFERENCES accounts,
  instance_id text NOT NULL REFERENCES instances,
  recipient text NOT NULL,
  content jsonb NOT NULL,
  quoted jsonb,
  metadata text, -- as JavaScript orders it
  status text NOT NULL DEFAULT 'queued',
  rank smallint NOT NULL DEFAULT 0, -- of the status: it never becomes less, except when a refused message is queued again
  attempt integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  -- While it is being sent: when its worker counts as dead. While its outcome is unknown: until when callbacks may decide it.
  lease_until timestamptz,
  created_at timestamptz NOT NULL,
  deadline timestamptz NOT NULL,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  error jsonb,
  provider_id text
);
-- The next message of a conversation, and at most one that is being sent: this keeps their order, whatever the queue does.
CREATE INDEX messages_queued ON messages (instance_id, recipient, seq) WHERE status = 'queued';
CREATE UNIQUE INDEX messages_one_at_a_time ON messages (instance_id, recipient) WHERE status = 'sending';
CREATE INDEX messages_leased ON messages (lease_until) WHERE lease_until IS NOT NULL;

CREATE TABLE idempotency_keys (
  account_id text NOT NULL REFERENCES accounts,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  message_id text NOT NULL,
  accepted_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, key)
);

-- A message that still needs a job, since when. A claim deletes the row, so that it outlives a job that Redis loses.
CREATE TABLE outbox (
  message_id text PRIMARY KEY REFERENCES messages,
  due_at timestamptz NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at);

-- An event for a webhook: the outbox of the webhook queue, too.
CREATE TABLE webhook_events (
  id text PRIMARY KEY,
  webhook_id text NOT NULL REFERENCES webhooks,
  message_id text NOT NULL REFERENCES messages,
  event text NOT NULL,
  at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz DEFAULT now(), -- NULL when it was delivered or given up
  delivered_at timestamptz,
  UNIQUE (message_id, event, webhook_id)
);
CREATE INDEX webhook_events_due ON webhook_events (due_at) WHERE due_at IS NOT NULL;
