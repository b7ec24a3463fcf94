CREATE TABLE archived_sets (
	name TEXT COLLATE "C" NOT NULL, 
	author TEXT COLLATE "C" NOT NULL, 
	archived_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_archived_sets PRIMARY KEY (name)
)
;
CREATE TABLE watchlist_versions (
	name TEXT COLLATE "C" NOT NULL, 
	version INTEGER NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_watchlist_versions PRIMARY KEY (name, version)
)
;
CREATE TABLE run_watchlists (
	run TEXT COLLATE "C" NOT NULL, 
	name TEXT COLLATE "C" NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_run_watchlists PRIMARY KEY (run), 
	CONSTRAINT fk_run_watchlists_name_version FOREIGN KEY(name, version) REFERENCES watchlist_versions (name, version)
)
;
CREATE TABLE strategy_claims (
	account TEXT COLLATE "C" NOT NULL, 
	conid BIGINT NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_strategy_claims PRIMARY KEY (account, conid), 
	CONSTRAINT fk_strategy_claims_strategy FOREIGN KEY(strategy) REFERENCES strategies (name)
)
;
CREATE TABLE expenses (
	run TEXT COLLATE "C" NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	set_aside NUMERIC(38, 8) NOT NULL, 
	cost NUMERIC(38, 8), 
	refused TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_expenses PRIMARY KEY (run), 
	CONSTRAINT fk_expenses_run FOREIGN KEY(run) REFERENCES runs (run), 
	CONSTRAINT fk_expenses_strategy FOREIGN KEY(strategy) REFERENCES strategies (name)
)
;
CREATE INDEX ix_expenses_strategy ON expenses (strategy, asked_at)
;
CREATE TRIGGER archived_sets_no_delete BEFORE DELETE ON archived_sets FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: archived_sets is append-only')
;
CREATE TRIGGER archived_sets_no_update BEFORE UPDATE ON archived_sets FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: archived_sets is append-only')
;
CREATE TRIGGER expenses_keep BEFORE UPDATE OF "run", "strategy", "asked_at", "set_aside", "refused" ON expenses FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: expenses: what a row is about never changes')
;
CREATE TRIGGER expenses_no_delete BEFORE DELETE ON expenses FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: expenses: rows are never deleted')
;
CREATE TRIGGER run_watchlists_no_delete BEFORE DELETE ON run_watchlists FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: run_watchlists is append-only')
;
CREATE TRIGGER run_watchlists_no_update BEFORE UPDATE ON run_watchlists FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: run_watchlists is append-only')
;
CREATE TRIGGER watchlist_versions_no_delete BEFORE DELETE ON watchlist_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: watchlist_versions is append-only')
;
CREATE TRIGGER watchlist_versions_no_update BEFORE UPDATE ON watchlist_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: watchlist_versions is append-only')
;
CREATE TRIGGER archived_sets_no_truncate BEFORE TRUNCATE ON archived_sets FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: archived_sets: rows are never deleted')
;
CREATE TRIGGER expenses_no_truncate BEFORE TRUNCATE ON expenses FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: expenses: rows are never deleted')
;
CREATE TRIGGER run_watchlists_no_truncate BEFORE TRUNCATE ON run_watchlists FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: run_watchlists: rows are never deleted')
;
CREATE TRIGGER watchlist_versions_no_truncate BEFORE TRUNCATE ON watchlist_versions FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: watchlist_versions: rows are never deleted')
;
INSERT INTO watchlist_versions (name, version, body) SELECT name, (body::json ->> 'version')::int, body FROM watchlists
;
