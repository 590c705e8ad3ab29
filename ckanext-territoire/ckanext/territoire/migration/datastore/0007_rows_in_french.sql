-- Rows are searched in French: accents folded, then stems. The database takes it as its default
-- (deployment/ckan/tables.py), so that CKAN's own trigger and queries use it too. It has a schema
-- of its own: a default that a role may not look up refuses the connection.
CREATE SCHEMA french;
GRANT USAGE ON SCHEMA french TO PUBLIC;
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA french;
SET LOCAL search_path = french, public;
CREATE TEXT SEARCH CONFIGURATION french.words (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION french.words
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;

-- rows that were read as English are read again
SET LOCAL default_text_search_config = 'french.words';
DO $$
DECLARE read regclass;
BEGIN
    FOR read IN
        SELECT c.oid FROM pg_class c
          JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'zfulltext'
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = '_full_text'
         WHERE c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('UPDATE %s SET _full_text = NULL', read);
    END LOOP;
END $$
