CREATE TABLE accruals (
	account TEXT COLLATE "C" NOT NULL, 
	accrued_interest NUMERIC(38, 8), 
	accrued_dividends NUMERIC(38, 8), 
	realised NUMERIC(38, 8), 
	CONSTRAINT pk_accruals PRIMARY KEY (account)
)
;
CREATE TABLE cash_breaks (
	id BIGSERIAL NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	amount NUMERIC(38, 8) NOT NULL, 
	tolerance NUMERIC(38, 8) NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_cash_breaks PRIMARY KEY (id)
)
;
CREATE UNIQUE INDEX one_open_cash_break ON cash_breaks (account) WHERE closed_at IS NULL
;
CREATE TABLE cash_rows (
	id BIGSERIAL NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	row TEXT COLLATE "C" NOT NULL, 
	lane TEXT COLLATE "C" NOT NULL, 
	whose TEXT COLLATE "C" NOT NULL, 
	amount NUMERIC(38, 8) NOT NULL, 
	day DATE NOT NULL, 
	conid BIGINT, 
	evidence TEXT COLLATE "C" NOT NULL, 
	booked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_cash_rows PRIMARY KEY (id)
)
;
CREATE UNIQUE INDEX one_cash_row ON cash_rows (account, row)
;
CREATE TABLE snapshot_cash (
	account TEXT COLLATE "C" NOT NULL, 
	session DATE NOT NULL, 
	deposits NUMERIC(38, 8) NOT NULL, 
	dividends NUMERIC(38, 8) NOT NULL, 
	unexplained NUMERIC(38, 8), 
	accrued_interest NUMERIC(38, 8), 
	CONSTRAINT pk_snapshot_cash PRIMARY KEY (account, session)
)
;
CREATE TRIGGER cash_rows_no_delete BEFORE DELETE ON cash_rows FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: cash_rows is append-only')
;
CREATE TRIGGER cash_rows_no_update BEFORE UPDATE ON cash_rows FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: cash_rows is append-only')
;
CREATE TRIGGER cash_rows_no_truncate BEFORE TRUNCATE ON cash_rows FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: cash_rows: rows are never deleted')
;
