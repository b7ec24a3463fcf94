CREATE TABLE approvals (
	intent TEXT NOT NULL, 
	payload_sha256 TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	approved_at TEXT NOT NULL, 
	CONSTRAINT pk_approvals PRIMARY KEY (intent), 
	CONSTRAINT fk_approvals_intent FOREIGN KEY(intent) REFERENCES intents (intent)
)
;
CREATE TRIGGER approvals_no_delete BEFORE DELETE ON approvals FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: approvals is append-only'); END
;
CREATE TRIGGER approvals_no_update BEFORE UPDATE ON approvals FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: approvals is append-only'); END
;
