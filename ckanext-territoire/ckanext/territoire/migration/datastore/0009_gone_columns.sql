-- The columns of a table that have ended, as the announcements of the catalogue say (told by
-- delivery/published.py): the view of maps and GIS has none of them.
ALTER TABLE territoire.merged ADD COLUMN gone text[] NOT NULL DEFAULT '{}';

CREATE OR REPLACE VIEW published._tables AS
    SELECT slug, schema_id, cursor, changed_at, licence, page, publisher, gone
      FROM territoire.merged WHERE is_shown;

CREATE OR REPLACE FUNCTION territoire.publish(wanted text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found record;
    names text;
BEGIN
    EXECUTE format('DROP VIEW IF EXISTS published.%I', wanted);
    SELECT resource_id, gone INTO found FROM territoire.merged WHERE slug = wanted;
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names FROM pg_attribute
     WHERE attrelid = to_regclass(format('public.%I', found.resource_id)) AND attnum > 0
       AND NOT attisdropped AND left(attname, 1) <> '_' AND attname <> 'territoire_doublon'
       AND attname <> ALL (found.gone);
    IF names IS NOT NULL THEN
        EXECUTE format('CREATE VIEW published.%I AS SELECT _key AS territoire_cle, %s, '
                       '_geom AS geom, _wide, _far FROM public.%I WHERE territoire_doublon IS NULL '
                       'AND (SELECT is_shown FROM territoire.merged WHERE slug = %L)',
                       wanted, names, found.resource_id, wanted);
    END IF;
END
$$;
