-- Deliveries of tables that have a schema, in the database of the DataStore, so that the rows of a
-- merged table, its quarantine and its state change in one transaction. The schema `territoire` is
-- closed to the read-only role: nothing of it is reached through the DataStore's API.
CREATE SCHEMA territoire;

-- One row a theme: `resource_id` names the DataStore table that holds the rows of all members.
-- `cursor` numbers the deliveries that changed it.
CREATE TABLE territoire.merged (
    slug        text PRIMARY KEY,
    schema_id   text NOT NULL,
    dataset_id  text NOT NULL,
    resource_id text NOT NULL UNIQUE,
    cursor      bigint NOT NULL DEFAULT 0,
    changed_at  timestamptz
);

-- Who delivers what: a file of a commune for a theme. `resource_id` is the resource that shows the
-- received file, '' before the first publication.
CREATE TABLE territoire.feed (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug        text NOT NULL,
    org_id      text NOT NULL,
    insee       text NOT NULL DEFAULT '',
    dataset_id  text NOT NULL DEFAULT '',
    resource_id text NOT NULL DEFAULT '',
    source_url  text NOT NULL DEFAULT '',
    made_at     timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX feed_of ON territoire.feed (slug, org_id, resource_id);
CREATE INDEX feed_resource ON territoire.feed (resource_id) WHERE resource_id <> '';

-- One row a received file. `reasons` say why it is held; `report` is what was understood and found.
CREATE TABLE territoire.delivery (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    feed_id      uuid NOT NULL REFERENCES territoire.feed ON DELETE CASCADE,
    number       int NOT NULL,
    schema_id    text NOT NULL,
    sha256       text NOT NULL,
    file_name    text NOT NULL DEFAULT '',
    state        text NOT NULL CHECK (state IN
                 ('draft', 'held', 'live', 'replaced', 'undone', 'refused', 'failed')),
    reasons      text[] NOT NULL DEFAULT '{}',
    choice       jsonb NOT NULL DEFAULT '{}',
    by_id        text NOT NULL DEFAULT '',
    by_way       text NOT NULL DEFAULT 'deposit' CHECK (by_way IN
                 ('deposit', 'invitation', 'repair', 'mandate', 'harvest', 'undo')),
    received_at  timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    ended_at     timestamptz,
    good         bigint,
    bad          bigint,
    warned       bigint,
    aside        bigint,
    report       jsonb NOT NULL DEFAULT '{}',
    UNIQUE (feed_id, number)
);
CREATE UNIQUE INDEX delivery_live ON territoire.delivery (feed_id) WHERE state = 'live';
CREATE INDEX delivery_waiting ON territoire.delivery (state) WHERE state IN ('draft', 'held');

-- Rows set aside, as text, with their reasons: those of the live delivery and of drafts.
CREATE TABLE territoire.quarantine (
    delivery_id uuid NOT NULL REFERENCES territoire.delivery ON DELETE CASCADE,
    line        bigint NOT NULL,
    row_key     text,
    key_mark    text,
    row_mark    text NOT NULL,
    cells       jsonb NOT NULL,
    issues      jsonb NOT NULL,
    PRIMARY KEY (delivery_id, line)
);

-- Accepted corrections, applied again to the next file. `row_mark` '*' means: in every row.
CREATE TABLE territoire.correction (
    feed_id     uuid NOT NULL REFERENCES territoire.feed ON DELETE CASCADE,
    row_mark    text NOT NULL,
    field       text NOT NULL,
    found       text NOT NULL,
    becomes     text NOT NULL,
    by_id       text NOT NULL DEFAULT '',
    delivery_id uuid NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (feed_id, row_mark, field, found)
);

-- Rows that left a merged table, for the delta feed.
CREATE TABLE territoire.gone (
    slug    text NOT NULL,
    row_key text NOT NULL,
    cursor  bigint NOT NULL,
    gone_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (slug, row_key)
);
CREATE INDEX gone_since ON territoire.gone (slug, cursor, row_key);

-- A commune lets the EPCI publish for it: `reference` names the decision or the letter.
CREATE TABLE territoire.mandate (
    org_id    text NOT NULL,
    since     date NOT NULL DEFAULT current_date,
    until     date,
    reference text NOT NULL,
    by_id     text NOT NULL,
    made_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, since)
);

-- Links sent by mail, without account: to repair the bad rows of a feed, or to deposit. The signed
-- address names the row; it can be revoked and expires.
CREATE TABLE territoire.link (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind       text NOT NULL CHECK (kind IN ('repair', 'deposit')),
    org_id     text NOT NULL,
    slug       text NOT NULL DEFAULT '',
    feed_id    uuid REFERENCES territoire.feed ON DELETE CASCADE,
    email      text NOT NULL DEFAULT '',
    made_by    text NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_at    timestamptz,
    uses       int NOT NULL DEFAULT 0
);
CREATE INDEX link_of ON territoire.link (org_id, made_at DESC);
