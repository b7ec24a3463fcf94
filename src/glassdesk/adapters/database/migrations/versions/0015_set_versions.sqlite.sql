CREATE TABLE indicator_set_versions (
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	indicators TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_at TEXT, 
	message TEXT NOT NULL, 
	CONSTRAINT pk_indicator_set_versions PRIMARY KEY (name, version)
)
;
INSERT INTO indicator_set_versions (name, version, indicators, author, message) SELECT name, 1, body, 'owner', '' FROM indicator_sets
;
DROP TABLE indicator_sets
;
CREATE TRIGGER indicator_set_versions_no_delete BEFORE DELETE ON indicator_set_versions FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: indicator_set_versions is append-only'); END
;
CREATE TRIGGER indicator_set_versions_no_update BEFORE UPDATE ON indicator_set_versions FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: indicator_set_versions is append-only'); END
;
INSERT INTO changes (topic, version) VALUES ('indicator', 0)
;
