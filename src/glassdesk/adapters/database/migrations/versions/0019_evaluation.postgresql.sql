CREATE TABLE subjects (
	run TEXT COLLATE "C" NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	strategy_version INTEGER NOT NULL, 
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	slot TIMESTAMP WITH TIME ZONE NOT NULL, 
	action TEXT COLLATE "C" NOT NULL, 
	prompt TEXT COLLATE "C" NOT NULL, 
	prompt_version INTEGER NOT NULL, 
	prompt_sha256 TEXT COLLATE "C" NOT NULL, 
	language TEXT COLLATE "C" NOT NULL, 
	engine TEXT COLLATE "C" NOT NULL, 
	model TEXT COLLATE "C" NOT NULL, 
	confidence FLOAT, 
	cost NUMERIC(38, 8), 
	rules TEXT COLLATE "C" NOT NULL, 
	coin BOOLEAN NOT NULL, 
	size TEXT COLLATE "C" NOT NULL, 
	decided_bar TIMESTAMP WITH TIME ZONE NOT NULL, 
	known_bar TIMESTAMP WITH TIME ZONE NOT NULL, 
	known_close TEXT COLLATE "C" NOT NULL, 
	barriers TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_subjects PRIMARY KEY (run), 
	CONSTRAINT fk_subjects_run FOREIGN KEY(run) REFERENCES signals (run)
)
;
CREATE INDEX ix_subjects_prompt ON subjects (prompt, slot)
;
CREATE INDEX ix_subjects_slot ON subjects (slot)
;
CREATE TABLE outcomes (
	run TEXT COLLATE "C" NOT NULL, 
	revision INTEGER NOT NULL, 
	ending TEXT COLLATE "C" NOT NULL, 
	r TEXT COLLATE "C", 
	fill TEXT COLLATE "C", 
	exit TEXT COLLATE "C", 
	bars INTEGER NOT NULL, 
	ambiguous BOOLEAN NOT NULL, 
	ended_on DATE, 
	factor TEXT COLLATE "C" NOT NULL, 
	pnl NUMERIC(38, 8), 
	said_by TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_outcomes PRIMARY KEY (run, revision), 
	CONSTRAINT fk_outcomes_run FOREIGN KEY(run) REFERENCES subjects (run)
)
;
CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: outcomes is append-only')
;
CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: outcomes is append-only')
;
CREATE TRIGGER subjects_no_delete BEFORE DELETE ON subjects FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: subjects is append-only')
;
CREATE TRIGGER subjects_no_update BEFORE UPDATE ON subjects FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: subjects is append-only')
;
CREATE TRIGGER outcomes_no_truncate BEFORE TRUNCATE ON outcomes FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: outcomes: rows are never deleted')
;
CREATE TRIGGER subjects_no_truncate BEFORE TRUNCATE ON subjects FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: subjects: rows are never deleted')
;
INSERT INTO changes (topic, version) VALUES ('outcome', 0)
;
