CREATE TABLE archived_sets (
	name TEXT NOT NULL, 
	author TEXT NOT NULL, 
	archived_at TEXT NOT NULL, 
	CONSTRAINT pk_archived_sets PRIMARY KEY (name)
)
;
CREATE TABLE watchlist_versions (
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_watchlist_versions PRIMARY KEY (name, version)
)
;
CREATE TABLE run_watchlists (
	run TEXT NOT NULL, 
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_run_watchlists PRIMARY KEY (run), 
	CONSTRAINT fk_run_watchlists_name_version FOREIGN KEY(name, version) REFERENCES watchlist_versions (name, version)
)
;
CREATE TABLE strategy_claims (
	account TEXT NOT NULL, 
	conid BIGINT NOT NULL, 
	strategy TEXT NOT NULL, 
	CONSTRAINT pk_strategy_claims PRIMARY KEY (account, conid), 
	CONSTRAINT fk_strategy_claims_strategy FOREIGN KEY(strategy) REFERENCES strategies (name)
)
;
CREATE TABLE expenses (
	run TEXT NOT NULL, 
	strategy TEXT NOT NULL, 
	asked_at TEXT NOT NULL, 
	set_aside BIGINT NOT NULL, 
	cost BIGINT, 
	refused TEXT NOT NULL, 
	CONSTRAINT pk_expenses PRIMARY KEY (run), 
	CONSTRAINT fk_expenses_run FOREIGN KEY(run) REFERENCES runs (run), 
	CONSTRAINT fk_expenses_strategy FOREIGN KEY(strategy) REFERENCES strategies (name)
)
;
CREATE INDEX ix_expenses_strategy ON expenses (strategy, asked_at)
;
CREATE TRIGGER archived_sets_no_delete BEFORE DELETE ON archived_sets FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: archived_sets is append-only'); END
;
CREATE TRIGGER archived_sets_no_update BEFORE UPDATE ON archived_sets FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: archived_sets is append-only'); END
;
CREATE TRIGGER expenses_keep BEFORE UPDATE OF "run", "strategy", "asked_at", "set_aside", "refused" ON expenses FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: expenses: what a row is about never changes'); END
;
CREATE TRIGGER expenses_no_delete BEFORE DELETE ON expenses FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: expenses: rows are never deleted'); END
;
CREATE TRIGGER run_watchlists_no_delete BEFORE DELETE ON run_watchlists FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: run_watchlists is append-only'); END
;
CREATE TRIGGER run_watchlists_no_update BEFORE UPDATE ON run_watchlists FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: run_watchlists is append-only'); END
;
CREATE TRIGGER watchlist_versions_no_delete BEFORE DELETE ON watchlist_versions FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: watchlist_versions is append-only'); END
;
CREATE TRIGGER watchlist_versions_no_update BEFORE UPDATE ON watchlist_versions FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: watchlist_versions is append-only'); END
;
INSERT INTO watchlist_versions (name, version, body) SELECT name, json_extract(body, '$.version'), body FROM watchlists
;
