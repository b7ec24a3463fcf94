CREATE TABLE accruals (
	account TEXT NOT NULL, 
	accrued_interest BIGINT, 
	accrued_dividends BIGINT, 
	realised BIGINT, 
	CONSTRAINT pk_accruals PRIMARY KEY (account)
)
;
CREATE TABLE cash_breaks (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	opened_at TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	tolerance BIGINT NOT NULL, 
	closed_at TEXT, 
	CONSTRAINT pk_cash_breaks PRIMARY KEY (id)
)
;
CREATE UNIQUE INDEX one_open_cash_break ON cash_breaks (account) WHERE closed_at IS NULL
;
CREATE TABLE cash_rows (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	"row" TEXT NOT NULL, 
	lane TEXT NOT NULL, 
	whose TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	day DATE NOT NULL, 
	conid BIGINT, 
	evidence TEXT NOT NULL, 
	booked_at TEXT NOT NULL, 
	CONSTRAINT pk_cash_rows PRIMARY KEY (id)
)
;
CREATE UNIQUE INDEX one_cash_row ON cash_rows (account, "row")
;
CREATE TABLE snapshot_cash (
	account TEXT NOT NULL, 
	session DATE NOT NULL, 
	deposits BIGINT NOT NULL, 
	dividends BIGINT NOT NULL, 
	unexplained BIGINT, 
	accrued_interest BIGINT, 
	CONSTRAINT pk_snapshot_cash PRIMARY KEY (account, session)
)
;
CREATE TRIGGER cash_rows_no_delete BEFORE DELETE ON cash_rows FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: cash_rows is append-only'); END
;
CREATE TRIGGER cash_rows_no_update BEFORE UPDATE ON cash_rows FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: cash_rows is append-only'); END
;
