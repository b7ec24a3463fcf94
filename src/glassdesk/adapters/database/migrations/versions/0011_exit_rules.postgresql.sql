CREATE TABLE exit_rules (
	applied TEXT COLLATE "C" NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	conid BIGINT NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	before INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_exit_rules PRIMARY KEY (applied)
)
;
CREATE INDEX ix_exit_rules_account ON exit_rules (account, at)
;
CREATE TRIGGER exit_rules_no_delete BEFORE DELETE ON exit_rules FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: exit_rules is append-only')
;
CREATE TRIGGER exit_rules_no_update BEFORE UPDATE ON exit_rules FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: exit_rules is append-only')
;
CREATE TRIGGER exit_rules_no_truncate BEFORE TRUNCATE ON exit_rules FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: exit_rules: rows are never deleted')
;
