CREATE TABLE model_calls (
	call TEXT NOT NULL, 
	run TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	strategy TEXT NOT NULL, 
	endpoint TEXT NOT NULL, 
	at TEXT NOT NULL, 
	reserved BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_model_calls PRIMARY KEY (call)
)
;
CREATE INDEX ix_model_calls_at ON model_calls (at)
;
CREATE INDEX ix_model_calls_endpoint ON model_calls (endpoint, at)
;
CREATE INDEX ix_model_calls_run ON model_calls (run, number)
;
CREATE TABLE model_capabilities (
	endpoint TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_model_capabilities PRIMARY KEY (endpoint, number)
)
;
CREATE TABLE model_outcomes (
	call TEXT NOT NULL, 
	endpoint TEXT NOT NULL, 
	at TEXT NOT NULL, 
	cost BIGINT, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_model_outcomes PRIMARY KEY (call), 
	CONSTRAINT fk_model_outcomes_call FOREIGN KEY(call) REFERENCES model_calls (call)
)
;
CREATE INDEX ix_model_outcomes_endpoint ON model_outcomes (endpoint, at)
;
CREATE TRIGGER model_calls_no_delete BEFORE DELETE ON model_calls FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: model_calls is append-only'); END
;
CREATE TRIGGER model_calls_no_update BEFORE UPDATE ON model_calls FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: model_calls is append-only'); END
;
CREATE TRIGGER model_capabilities_no_delete BEFORE DELETE ON model_capabilities FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: model_capabilities is append-only'); END
;
CREATE TRIGGER model_capabilities_no_update BEFORE UPDATE ON model_capabilities FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: model_capabilities is append-only'); END
;
CREATE TRIGGER model_outcomes_no_delete BEFORE DELETE ON model_outcomes FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: model_outcomes is append-only'); END
;
CREATE TRIGGER model_outcomes_no_update BEFORE UPDATE ON model_outcomes FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: model_outcomes is append-only'); END
;
INSERT INTO changes (topic, version) VALUES ('model', 0)
;
