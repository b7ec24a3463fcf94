CREATE TABLE probes (
	probe TEXT COLLATE "C" NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	began_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_probes PRIMARY KEY (probe)
)
;
CREATE INDEX ix_probes_account ON probes (account, began_at)
;
CREATE TRIGGER probes_ended BEFORE UPDATE ON probes FOR EACH ROW WHEN (OLD.state NOT IN ('running', 'cleaning')) EXECUTE FUNCTION glassdesk_refuse('conflict: a probe that ended stays as it is')
;
CREATE TRIGGER probes_keep BEFORE UPDATE OF "probe", "account", "began_at" ON probes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: probes: what a row is about never changes')
;
CREATE TRIGGER probes_no_delete BEFORE DELETE ON probes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: probes: rows are never deleted')
;
CREATE TRIGGER probes_no_truncate BEFORE TRUNCATE ON probes FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: probes: rows are never deleted')
;
