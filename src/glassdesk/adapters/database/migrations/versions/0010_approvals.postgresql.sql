CREATE TABLE approvals (
	intent TEXT COLLATE "C" NOT NULL, 
	payload_sha256 TEXT COLLATE "C" NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	approved_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_approvals PRIMARY KEY (intent), 
	CONSTRAINT fk_approvals_intent FOREIGN KEY(intent) REFERENCES intents (intent)
)
;
CREATE TRIGGER approvals_no_delete BEFORE DELETE ON approvals FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: approvals is append-only')
;
CREATE TRIGGER approvals_no_update BEFORE UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: approvals is append-only')
;
CREATE TRIGGER approvals_no_truncate BEFORE TRUNCATE ON approvals FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: approvals: rows are never deleted')
;
