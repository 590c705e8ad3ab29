-- A repair link that the platform sends by itself after a publication: once for a delivery
-- (`made_by` is ''). `mailed_at` says when the mail left; NULL: it did not, the address is copied.
ALTER TABLE territoire.link
    ADD COLUMN delivery_id uuid REFERENCES territoire.delivery ON DELETE SET NULL,
    ADD COLUMN mailed_at timestamptz;
CREATE UNIQUE INDEX link_of_delivery ON territoire.link (delivery_id) WHERE made_by = '';
CREATE INDEX link_feed ON territoire.link (feed_id);
