CREATE TABLE what_ifs (
	intent TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	moment TEXT NOT NULL CONSTRAINT ck_what_ifs_moment CHECK (moment in ('approve', 'send')), 
	asked_at TEXT NOT NULL, 
	quantity BIGINT NOT NULL, 
	price BIGINT, 
	told TEXT NOT NULL, 
	CONSTRAINT pk_what_ifs PRIMARY KEY (intent, number), 
	CONSTRAINT fk_what_ifs_intent FOREIGN KEY(intent) REFERENCES intents (intent)
)
;
CREATE TRIGGER what_ifs_no_delete BEFORE DELETE ON what_ifs FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: what_ifs is append-only'); END
;
CREATE TRIGGER what_ifs_no_update BEFORE UPDATE ON what_ifs FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: what_ifs is append-only'); END
;
