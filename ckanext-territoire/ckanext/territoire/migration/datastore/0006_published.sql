-- What maps and GIS may read: in the schema `published`, one view a merged table, of its open columns
-- and of the rows that no other is preferred to. The role of the OGC process sees this schema alone.
-- The catalogue is in another database, so what maps say of a table is told here by whoever follows
-- the datasets (delivery/published.py): whether it is public, its licence, its page, who publishes it.
CREATE SCHEMA published;
ALTER TABLE territoire.merged
    ADD COLUMN is_shown  boolean NOT NULL DEFAULT true,
    ADD COLUMN licence   text NOT NULL DEFAULT '',
    ADD COLUMN page      text NOT NULL DEFAULT '',
    ADD COLUMN publisher text NOT NULL DEFAULT '';

CREATE VIEW published._tables AS
    SELECT slug, schema_id, cursor, changed_at, licence, page, publisher
      FROM territoire.merged WHERE is_shown;

-- The columns of a table are those whose name does not begin with `_`, as CKAN's own API has it. The
-- view is made again after each change of the schema; a hidden table gives no row at once.
CREATE FUNCTION territoire.publish(wanted text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found text;
    names text;
BEGIN
    EXECUTE format('DROP VIEW IF EXISTS published.%I', wanted);
    SELECT resource_id INTO found FROM territoire.merged WHERE slug = wanted;
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names FROM pg_attribute
     WHERE attrelid = to_regclass(format('public.%I', found)) AND attnum > 0 AND NOT attisdropped
       AND left(attname, 1) <> '_' AND attname <> 'territoire_doublon';
    IF names IS NOT NULL THEN
        EXECUTE format('CREATE VIEW published.%I AS SELECT _key AS territoire_cle, %s, '
                       '_geom AS geom FROM public.%I WHERE territoire_doublon IS NULL AND '
                       '(SELECT is_shown FROM territoire.merged WHERE slug = %L)',
                       wanted, names, found, wanted);
    END IF;
END
$$;

SELECT territoire.publish(slug) FROM territoire.merged;
