CREATE TABLE subjects_kept AS SELECT * FROM subjects
;
CREATE TABLE outcomes_kept AS SELECT * FROM outcomes
;
DROP TABLE outcomes
;
DROP TABLE subjects
;
CREATE TABLE subjects (
	run TEXT NOT NULL, 
	strategy TEXT NOT NULL, 
	strategy_version INTEGER NOT NULL, 
	conid BIGINT NOT NULL, 
	symbol TEXT NOT NULL, 
	slot TEXT NOT NULL, 
	action TEXT NOT NULL, 
	prompt TEXT NOT NULL, 
	prompt_version INTEGER NOT NULL, 
	prompt_sha256 TEXT NOT NULL, 
	language TEXT NOT NULL, 
	engine TEXT NOT NULL, 
	model TEXT NOT NULL, 
	confidence FLOAT, 
	cost BIGINT, 
	rules TEXT NOT NULL, 
	coin BOOLEAN NOT NULL, 
	size TEXT NOT NULL, 
	decided_bar TEXT NOT NULL, 
	known_bar TEXT NOT NULL, 
	known_close TEXT NOT NULL, 
	barriers TEXT NOT NULL, 
	CONSTRAINT pk_subjects PRIMARY KEY (run), 
	CONSTRAINT fk_subjects_run FOREIGN KEY(run) REFERENCES runs (run)
)
;
CREATE TABLE outcomes (
	run TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	ending TEXT NOT NULL, 
	r TEXT, 
	fill TEXT, 
	exit TEXT, 
	bars INTEGER NOT NULL, 
	ambiguous BOOLEAN NOT NULL, 
	ended_on DATE, 
	factor TEXT NOT NULL, 
	pnl BIGINT, 
	said_by TEXT NOT NULL, 
	at TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_outcomes PRIMARY KEY (run, revision), 
	CONSTRAINT fk_outcomes_run FOREIGN KEY(run) REFERENCES subjects (run)
)
;
INSERT INTO subjects SELECT * FROM subjects_kept
;
INSERT INTO outcomes SELECT * FROM outcomes_kept
;
DROP TABLE outcomes_kept
;
DROP TABLE subjects_kept
;
CREATE INDEX ix_subjects_prompt ON subjects (prompt, slot)
;
CREATE INDEX ix_subjects_slot ON subjects (slot)
;
CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: outcomes is append-only'); END
;
CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: outcomes is append-only'); END
;
CREATE TRIGGER subjects_no_delete BEFORE DELETE ON subjects FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: subjects is append-only'); END
;
CREATE TRIGGER subjects_no_update BEFORE UPDATE ON subjects FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: subjects is append-only'); END
;
