CREATE TABLE what_ifs (
	intent TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	moment TEXT COLLATE "C" NOT NULL CONSTRAINT ck_what_ifs_moment CHECK (moment in ('approve', 'send')), 
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	quantity NUMERIC(38, 8) NOT NULL, 
	price NUMERIC(38, 8), 
	told TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_what_ifs PRIMARY KEY (intent, number), 
	CONSTRAINT fk_what_ifs_intent FOREIGN KEY(intent) REFERENCES intents (intent)
)
;
CREATE TRIGGER what_ifs_no_delete BEFORE DELETE ON what_ifs FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: what_ifs is append-only')
;
CREATE TRIGGER what_ifs_no_update BEFORE UPDATE ON what_ifs FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: what_ifs is append-only')
;
CREATE TRIGGER what_ifs_no_truncate BEFORE TRUNCATE ON what_ifs FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: what_ifs: rows are never deleted')
;
