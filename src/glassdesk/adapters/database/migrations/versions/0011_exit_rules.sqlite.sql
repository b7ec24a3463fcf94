CREATE TABLE exit_rules (
	applied TEXT NOT NULL, 
	account TEXT NOT NULL, 
	conid BIGINT NOT NULL, 
	strategy TEXT NOT NULL, 
	opened_at TEXT NOT NULL, 
	"before" INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_exit_rules PRIMARY KEY (applied)
)
;
CREATE INDEX ix_exit_rules_account ON exit_rules (account, at)
;
CREATE TRIGGER exit_rules_no_delete BEFORE DELETE ON exit_rules FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: exit_rules is append-only'); END
;
CREATE TRIGGER exit_rules_no_update BEFORE UPDATE ON exit_rules FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: exit_rules is append-only'); END
;
