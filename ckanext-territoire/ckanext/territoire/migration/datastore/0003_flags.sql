-- What readers say is wrong in a row of a merged table, and what its commune answers in public. The
-- row is known by its key; `feed_id` is who had brought it, and may be gone. `email` serves the answer
-- alone: it is erased when the answer has left, or after some days.
CREATE TABLE territoire.flag (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug          text NOT NULL,
    row_key       text NOT NULL,
    feed_id       text NOT NULL,
    org_id        text NOT NULL,
    insee         text NOT NULL DEFAULT '',
    label         text NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('value', 'gone', 'other')),
    field         text NOT NULL DEFAULT '',
    found         text NOT NULL DEFAULT '',
    proposed      text NOT NULL DEFAULT '',
    remark        text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    state         text NOT NULL DEFAULT 'open' CHECK (state IN
                  ('open', 'fixed', 'answered', 'refused', 'dropped')),
    answer        text NOT NULL DEFAULT '',
    is_text_shown boolean NOT NULL DEFAULT false,
    made_at       timestamptz NOT NULL DEFAULT now(),
    answered_at   timestamptz,
    answered_by   text NOT NULL DEFAULT ''
);
CREATE INDEX flag_row ON territoire.flag (slug, row_key, made_at DESC);
CREATE INDEX flag_org ON territoire.flag (org_id, made_at DESC);
CREATE INDEX flag_email ON territoire.flag (made_at) WHERE email <> '';
