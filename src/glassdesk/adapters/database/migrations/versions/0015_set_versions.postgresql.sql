CREATE TABLE indicator_set_versions (
	name TEXT COLLATE "C" NOT NULL, 
	version INTEGER NOT NULL, 
	indicators TEXT COLLATE "C" NOT NULL, 
	author TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE, 
	message TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_indicator_set_versions PRIMARY KEY (name, version)
)
;
INSERT INTO indicator_set_versions (name, version, indicators, author, message) SELECT name, 1, body, 'owner', '' FROM indicator_sets
;
DROP TABLE indicator_sets
;
CREATE TRIGGER indicator_set_versions_no_delete BEFORE DELETE ON indicator_set_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: indicator_set_versions is append-only')
;
CREATE TRIGGER indicator_set_versions_no_update BEFORE UPDATE ON indicator_set_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: indicator_set_versions is append-only')
;
CREATE TRIGGER indicator_set_versions_no_truncate BEFORE TRUNCATE ON indicator_set_versions FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: indicator_set_versions: rows are never deleted')
;
INSERT INTO changes (topic, version) VALUES ('indicator', 0)
;
