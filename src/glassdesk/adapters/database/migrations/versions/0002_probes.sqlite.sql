CREATE TABLE probes (
	probe TEXT NOT NULL, 
	account TEXT NOT NULL, 
	began_at TEXT NOT NULL, 
	state TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_probes PRIMARY KEY (probe)
)
;
CREATE INDEX ix_probes_account ON probes (account, began_at)
;
CREATE TRIGGER probes_ended BEFORE UPDATE ON probes FOR EACH ROW WHEN (OLD.state NOT IN ('running', 'cleaning')) BEGIN SELECT RAISE(ABORT, 'conflict: a probe that ended stays as it is'); END
;
CREATE TRIGGER probes_keep BEFORE UPDATE OF "probe", "account", "began_at" ON probes FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: probes: what a row is about never changes'); END
;
CREATE TRIGGER probes_no_delete BEFORE DELETE ON probes FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: probes: rows are never deleted'); END
;
