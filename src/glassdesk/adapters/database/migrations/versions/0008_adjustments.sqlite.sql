CREATE TABLE adjustments (
	adjustment TEXT NOT NULL, 
	account TEXT NOT NULL, 
	conid BIGINT NOT NULL, 
	symbol TEXT NOT NULL, 
	lane TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	quantity BIGINT NOT NULL, 
	price BIGINT, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	cash BOOLEAN NOT NULL, 
	"order" TEXT, 
	split_new INTEGER NOT NULL, 
	split_old INTEGER NOT NULL, 
	CONSTRAINT pk_adjustments PRIMARY KEY (adjustment)
)
;
CREATE INDEX ix_adjustments_account ON adjustments (account, at)
;
CREATE TRIGGER adjustments_no_delete BEFORE DELETE ON adjustments FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: adjustments is append-only'); END
;
CREATE TRIGGER adjustments_no_update BEFORE UPDATE ON adjustments FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: adjustments is append-only'); END
;
CREATE TEMPORARY TABLE kept AS SELECT * FROM breaks
;
DROP TABLE breaks
;
CREATE TABLE breaks (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	conid BIGINT NOT NULL, 
	symbol TEXT NOT NULL, 
	broker_quantity BIGINT NOT NULL, 
	derived_quantity BIGINT NOT NULL, 
	opened_at TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	closed_at TEXT, 
	kind TEXT DEFAULT 'unexplained' NOT NULL, 
	split_new INTEGER DEFAULT '1' NOT NULL, 
	split_old INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_breaks PRIMARY KEY (id)
)
;
CREATE UNIQUE INDEX one_open_break ON breaks (account, conid) WHERE closed_at IS NULL
;
INSERT INTO breaks (id, account, conid, symbol, broker_quantity, derived_quantity, opened_at, cause, closed_at) SELECT id, account, conid, symbol, broker_quantity, derived_quantity, opened_at, cause, closed_at FROM kept
;
DROP TABLE kept
;
