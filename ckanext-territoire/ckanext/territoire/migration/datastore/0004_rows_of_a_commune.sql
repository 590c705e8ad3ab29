-- Merged tables that were made before: the rows of a commune, page after page, without reading the
-- others. New tables have this index from `table_of.INDEXES`.
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT resource_id FROM territoire.merged m
                 WHERE to_regclass(format('public.%I', m.resource_id)) IS NOT NULL
    LOOP
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON public.%I (territoire_commune, _key)',
                       each.resource_id || '_commune', each.resource_id);
    END LOOP;
END
$$;
