-- What maps draw of a line or of an area from afar, kept with its row so that no request reckons it:
-- the lowest zoom at which it is wide enough to be seen as such (16 of the 4,096 units of a tile; NULL:
-- a point, or nothing), and its tracing as it is drawn up to zoom 11 (NULL: too small to be seen there).
-- The bodies are read once, here: a restore of a dump runs them with no search path.
CREATE FUNCTION territoire.wide_from(shape geometry) RETURNS smallint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN ST_Dimension(shape) > 0 THEN
        greatest(0, least(30, ceil(ln(360 * 16 / 4096.0::float8 / greatest(
            ST_XMax(shape) - ST_XMin(shape), ST_YMax(shape) - ST_YMin(shape), 1e-9)) / ln(2::float8)
        )))::smallint END;

-- two units of a tile of zoom 11, in degrees
CREATE FUNCTION territoire.far_shape(shape geometry) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN territoire.wide_from(shape) <= 11 THEN
        ST_Simplify(shape, 360 / 2048.0::float8 / 2048, true) END;

DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT resource_id FROM territoire.merged m
                 WHERE to_regclass(format('public.%I', m.resource_id)) IS NOT NULL
    LOOP
        EXECUTE format(
            'ALTER TABLE public.%I ADD COLUMN IF NOT EXISTS _wide smallint '
            'GENERATED ALWAYS AS (territoire.wide_from(_geom)) STORED, '
            'ADD COLUMN IF NOT EXISTS _far geometry(Geometry, 4326) '
            'GENERATED ALWAYS AS (territoire.far_shape(_geom)) STORED', each.resource_id);
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON public.%I USING gist (_far) '
                       'WHERE _far IS NOT NULL', each.resource_id || '_far', each.resource_id);
    END LOOP;
END
$$;

-- the views show both, under names that no column of a schema has
CREATE OR REPLACE FUNCTION territoire.publish(wanted text) RETURNS void LANGUAGE plpgsql AS $$
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
                       '_geom AS geom, _wide, _far FROM public.%I WHERE territoire_doublon IS NULL '
                       'AND (SELECT is_shown FROM territoire.merged WHERE slug = %L)',
                       wanted, names, found, wanted);
    END IF;
END
$$;

SELECT territoire.publish(slug) FROM territoire.merged;
