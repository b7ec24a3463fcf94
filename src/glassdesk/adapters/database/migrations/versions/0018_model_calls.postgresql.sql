CREATE TABLE model_calls (
	call TEXT COLLATE "C" NOT NULL, 
	run TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	endpoint TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	reserved NUMERIC(38, 8) NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
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
	endpoint TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_model_capabilities PRIMARY KEY (endpoint, number)
)
;
CREATE TABLE model_outcomes (
	call TEXT COLLATE "C" NOT NULL, 
	endpoint TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	cost NUMERIC(38, 8), 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_model_outcomes PRIMARY KEY (call), 
	CONSTRAINT fk_model_outcomes_call FOREIGN KEY(call) REFERENCES model_calls (call)
)
;
CREATE INDEX ix_model_outcomes_endpoint ON model_outcomes (endpoint, at)
;
CREATE TRIGGER model_calls_no_delete BEFORE DELETE ON model_calls FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: model_calls is append-only')
;
CREATE TRIGGER model_calls_no_update BEFORE UPDATE ON model_calls FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: model_calls is append-only')
;
CREATE TRIGGER model_capabilities_no_delete BEFORE DELETE ON model_capabilities FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: model_capabilities is append-only')
;
CREATE TRIGGER model_capabilities_no_update BEFORE UPDATE ON model_capabilities FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: model_capabilities is append-only')
;
CREATE TRIGGER model_outcomes_no_delete BEFORE DELETE ON model_outcomes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: model_outcomes is append-only')
;
CREATE TRIGGER model_outcomes_no_update BEFORE UPDATE ON model_outcomes FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: model_outcomes is append-only')
;
CREATE TRIGGER model_calls_no_truncate BEFORE TRUNCATE ON model_calls FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: model_calls: rows are never deleted')
;
CREATE TRIGGER model_capabilities_no_truncate BEFORE TRUNCATE ON model_capabilities FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: model_capabilities: rows are never deleted')
;
CREATE TRIGGER model_outcomes_no_truncate BEFORE TRUNCATE ON model_outcomes FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: model_outcomes: rows are never deleted')
;
INSERT INTO changes (topic, version) VALUES ('model', 0)
;
